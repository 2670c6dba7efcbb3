import type { Communication, Reference } from '@medplum/fhirtypes';
import type { BotDefinition, BotEvent, BotHandler } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import {
  isExpired,
  notArrived,
  notSent,
  recipientOf,
  settle,
  textOf,
  waitingMessage,
} from '../lib/message/message.ts';
import { messageRules, waitingBy } from '../lib/message/rules.ts';
import { GATEWAY_MESSAGE_SYSTEM } from '../lib/notify/codes.ts';
import { setting } from '../lib/notify/settings.ts';
import { addressFor } from '../lib/person/contact.ts';
import type { Person } from '../lib/person/person.ts';
import { readIfThere } from '../lib/person/person.ts';
import { personRules } from '../lib/person/rules.ts';
import type { SmsGateway, TwilioSettings } from './gateway.ts';
import { e164, twilioGateway } from './gateway.ts';

export const bot: BotDefinition = {
  name: 'send-sms',
  title: 'Text messages',
  description: 'Sends messages as text messages, by a gateway with the interface of Twilio.',
  triggers: [{ criteria: waitingBy('sms') }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [...messageRules('sms'), ...personRules(['telecom'])],
  },
  secrets: ['SMS_URL', 'SMS_ACCOUNT', 'SMS_TOKEN', 'SMS_FROM', 'SMS_CALLBACK_URL'],
};

/** @param open makes the way to a gateway */
export const sendSms =
  (open: (settings: TwilioSettings) => SmsGateway): BotHandler<Communication> =>
  async (medplum, event) => {
    const message = await waitingMessage(medplum, event.input);
    if (!message) return;
    const nowMs = Date.now();
    const settings = settingsOf(event);
    if (!settings) return settle(medplum, message, notSent('not-set-up'));
    if (isExpired(message, nowMs)) return settle(medplum, message, notSent('expired'));
    const person = await readIfThere(medplum, recipientOf(message) as Reference<Person>);
    const number = person && e164(addressFor(person, 'sms', nowMs) ?? '');
    if (number === undefined) return settle(medplum, message, notSent('no-address'));
    const answer = await open(settings).send({ key: message.id, to: number, text: textOf(message) });
    const sent = new Date().toISOString();
    if (answer === 'refused') return settle(medplum, message, { sent, ...notArrived('failed') });
    const identifier = [...(message.identifier ?? []), { system: GATEWAY_MESSAGE_SYSTEM, value: answer.id }];
    // The gateway says later what became of it, if it knows whom to tell.
    const status = settings.callbackUrl === undefined ? 'completed' : 'in-progress';
    return settle(medplum, message, { sent, identifier, status });
  };

export const handler = sendSms(twilioGateway);

function settingsOf(event: BotEvent): TwilioSettings | undefined {
  const [url, account, token, from] = ['SMS_URL', 'SMS_ACCOUNT', 'SMS_TOKEN', 'SMS_FROM'].map((name) =>
    setting(event, name),
  );
  if (url === undefined || account === undefined || token === undefined || from === undefined)
    return undefined;
  return { url, account, token, from, callbackUrl: setting(event, 'SMS_CALLBACK_URL') };
}
