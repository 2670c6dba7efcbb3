import type { Communication } from '@medplum/fhirtypes';
import type { BotDefinition, BotEvent, BotHandler } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import type { Message } from '../lib/message/message.ts';
import { notArrived, settle } from '../lib/message/message.ts';
import { CHANNEL_SYSTEM, GATEWAY_MESSAGE_SYSTEM } from '../lib/notify/codes.ts';
import { setting } from '../lib/notify/settings.ts';
import { isSigned } from './signature.ts';

export const bot: BotDefinition = {
  name: 'sms-status',
  title: 'Delivery of text messages',
  description: 'Takes what the SMS gateway says of the delivery of text messages, if it is signed.',
  triggers: [{ webhook: true }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [
      {
        resourceType: 'Communication',
        criteria: `Communication?medium=${CHANNEL_SYSTEM}|sms`,
        interaction: ['search', 'read', 'update'],
      },
    ],
  },
  secrets: ['SMS_TOKEN', 'SMS_CALLBACK_URL'],
};

/** What the gateway says at the end; what it says before tells nothing that is not known. */
const ENDS: Record<string, () => Partial<Communication>> = {
  delivered: () => ({ status: 'completed', received: new Date().toISOString() }),
  undelivered: () => notArrived('bounced'),
  failed: () => notArrived('failed'),
};

/** @throws where the message is not known: the word may have come before its id was stored, and comes again */
export const handler: BotHandler = async (medplum, event) => {
  const form = formOf(event.input);
  const [token, url] = [setting(event, 'SMS_TOKEN'), setting(event, 'SMS_CALLBACK_URL')];
  if (token === undefined || url === undefined) throw new Error('SMS_TOKEN and SMS_CALLBACK_URL are not set');
  if (!isSigned(token, url, form, signatureOf(event)))
    throw new Error('the request is not signed by the gateway');
  const end = ENDS[form.get('MessageStatus') ?? ''];
  if (!end) return;
  const query = new URLSearchParams({ identifier: `${GATEWAY_MESSAGE_SYSTEM}|${form.get('MessageSid')}` });
  const message = await medplum.searchOne('Communication', query, { cache: 'reload' });
  if (!message) throw new Error('no message has this MessageSid');
  if (message.status === 'in-progress') await settle(medplum, message as Message, end());
};

function signatureOf({ headers = {} }: BotEvent): string | undefined {
  const value = headers['x-twilio-signature'];
  return Array.isArray(value) ? value[0] : value;
}

/** A form as it was sent, or as it was read already. */
function formOf(input: unknown): URLSearchParams {
  if (typeof input === 'string') return new URLSearchParams(input);
  if (input instanceof Uint8Array) return new URLSearchParams(Buffer.from(input).toString('utf8'));
  return new URLSearchParams((input ?? {}) as Record<string, string>);
}
