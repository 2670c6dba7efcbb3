import type { Communication, Reference } from '@medplum/fhirtypes';
import type { BotDefinition, BotEvent, BotHandler } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import {
  isExpired,
  notArrived,
  notSent,
  recipientOf,
  settle,
  waitingMessage,
} from '../lib/message/message.ts';
import { messageRules, waitingBy } from '../lib/message/rules.ts';
import { setting } from '../lib/notify/settings.ts';
import { addressFor } from '../lib/person/contact.ts';
import type { Person } from '../lib/person/person.ts';
import { readIfThere } from '../lib/person/person.ts';
import { personRules } from '../lib/person/rules.ts';
import { mailOf } from './mail.ts';
import type { Mailer } from './transport.ts';
import { smtpMailer } from './transport.ts';

export const bot: BotDefinition = {
  name: 'send-mail',
  title: 'Mail',
  description: 'Sends messages by mail, with an entry for the calendar where it is about an appointment.',
  triggers: [{ criteria: waitingBy('email') }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [...messageRules('email'), ...personRules(['telecom'])],
  },
  limits: { timeoutMs: 60_000 },
  secrets: ['SMTP_URL', 'MAIL_FROM'],
};

/** @param open makes the connection to a mail server */
export const sendMail =
  (open: (smtpUrl: string) => Mailer): BotHandler<Communication> =>
  async (medplum, event) => {
    const message = await waitingMessage(medplum, event.input);
    if (!message) return;
    const nowMs = Date.now();
    const settings = settingsOf(event);
    if (!settings) return settle(medplum, message, notSent('not-set-up'));
    if (isExpired(message, nowMs)) return settle(medplum, message, notSent('expired'));
    const person = await readIfThere(medplum, recipientOf(message) as Reference<Person>);
    const to = person && addressFor(person, 'email', nowMs);
    if (to === undefined) return settle(medplum, message, notSent('no-address'));
    const result = await open(settings.smtpUrl).send(mailOf(message, settings.from, to));
    const sent = new Date().toISOString();
    return settle(medplum, message, {
      sent,
      ...(result === 'sent' ? { status: 'completed' } : notArrived(result)),
    });
  };

export const handler = sendMail(smtpMailer);

function settingsOf(event: BotEvent): { smtpUrl: string; from: string } | undefined {
  const smtpUrl = setting(event, 'SMTP_URL');
  const from = setting(event, 'MAIL_FROM');
  return smtpUrl !== undefined && from !== undefined ? { smtpUrl, from } : undefined;
}
