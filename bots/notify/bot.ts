import type { Communication, Reference } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { notSent, recipientOf, settle, waitingMessage } from '../lib/message/message.ts';
import { KIND_SYSTEM, NOTIFICATION_SYSTEM } from '../lib/notify/codes.ts';
import { setting } from '../lib/notify/settings.ts';
import type { Person } from '../lib/person/person.ts';
import { isPersonReference, isToBeTold, readIfThere } from '../lib/person/person.ts';
import { isTimeZone } from '../lib/person/timeZone.ts';
import { LANGUAGE_CODES } from '../lib/wording/wording.ts';
import { personRules } from '../lib/person/rules.ts';
import { hasBrowser, PUSH_SUBSCRIPTION_CODE } from '../lib/push/subscriptions.ts';
import type { MessageSettings } from './messages.ts';
import { messagesOf } from './messages.ts';

const NOTICES = `Communication?category=${KIND_SYSTEM}|`;

export const bot: BotDefinition = {
  name: 'notify',
  title: 'Notices to messages',
  description:
    'Makes of each notice (a Communication in preparation without a medium) the messages by which its person is told: by preference, in a language that is spoken, outside of quiet hours.',
  triggers: [{ criteria: `${NOTICES}&status=preparation&medium:missing=true` }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [
      ...personRules(['telecom', 'communication', 'deceased']),
      {
        resourceType: 'Basic',
        criteria: `Basic?code=${PUSH_SUBSCRIPTION_CODE}`,
        interaction: ['search'],
        hiddenFields: ['extension'],
      },
      {
        resourceType: 'Communication',
        criteria: NOTICES,
        interaction: ['search', 'read', 'create', 'update'],
      },
    ],
  },
  secrets: ['NOTIFY_LANGUAGE', 'NOTIFY_TIME_ZONE', 'NOTIFY_PORTAL_URL', 'MAIL_FROM'],
};

export const handler: BotHandler<Communication> = async (medplum, event) => {
  const notice = await waitingMessage(medplum, event.input);
  if (!notice || notice.medium !== undefined) return;
  const to = recipientOf(notice);
  const isPerson = isPersonReference(to?.reference);
  const person = isPerson ? await readIfThere<Person>(medplum, to as Reference<Person>) : undefined;
  if (!person || !isToBeTold(person)) {
    await settle(medplum, notice, notSent('no-address'));
    return;
  }
  const nowMs = Date.now();
  const canPush = await hasBrowser(medplum, to!);
  for (const message of messagesOf(notice, person, canPush, settingsOf(event), nowMs)) {
    const key = `${NOTIFICATION_SYSTEM}|${message.identifier![0]!.value}`;
    await medplum.createResourceIfNoneExist(message, `identifier=${encodeURIComponent(key)}`);
  }
  await settle(medplum, notice, { status: 'completed', sent: new Date(nowMs).toISOString() });
};

function settingsOf(event: Parameters<typeof handler>[1]): MessageSettings {
  const timeZone = setting(event, 'NOTIFY_TIME_ZONE') ?? 'UTC';
  if (!isTimeZone(timeZone)) throw new Error(`NOTIFY_TIME_ZONE is no IANA time zone: ${timeZone}`);
  const language = setting(event, 'NOTIFY_LANGUAGE');
  return {
    language: LANGUAGE_CODES.find((code) => code === language) ?? 'en',
    timeZone,
    portal: setting(event, 'NOTIFY_PORTAL_URL'),
    organizer: setting(event, 'MAIL_FROM') ?? 'no-reply@maxray.example',
  };
}
