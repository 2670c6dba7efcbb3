import type { Destinations } from '../../outgoing/destinations.ts';
import type { SigningKeys } from '../notifications/signature.ts';
import { BotHook, type BotHookParts } from './botHook.ts';
import { Breakers } from './breakers.ts';
import { Channels, type Missing } from './channels.ts';
import { Email, type SendMail } from './email.ts';
import { HookOrBot } from './hookOrBot.ts';
import { HttpSender } from './httpSender.ts';
import { Message } from './message.ts';
import type { TextParts } from './notificationText.ts';
import { Recipients } from './recipients.ts';
import { RestHook } from './restHook.ts';
import { Sms, type SendSms } from './sms.ts';

/** By what people are reached, as far as the operator has said it. */
export interface ToPeople {
  sendMail?: SendMail;
  sendSms?: SendSms;
  /** Of SUBSCRIPTION_RECIPIENTS. */
  recipients: readonly string[];
}

export interface ChannelParts extends TextParts {
  destinations: Destinations;
  keys: SigningKeys;
  toPeople: ToPeople;
  /** What runs Bots, and who writes Subscriptions. */
  bots: Pick<BotHookParts, 'bots' | 'records'>;
  /** The server ends: what is under way is given up, and told again. */
  signal: AbortSignal;
}

/** The channels that can be asked for; of the others, what the operator would have to set. */
export function openChannels(parts: ChannelParts): Channels {
  const { destinations, keys, toPeople, bots, signal, ...texts } = parts;
  const breakers = new Breakers();
  const sender = new HttpSender({ destinations, keys, breakers, signal });
  const recipients = new Recipients(toPeople.recipients);
  const { sendMail, sendSms } = toPeople;
  const common = { ...texts, recipients, breakers, signal };
  return new Channels({
    'rest-hook': new HookOrBot(new RestHook(sender, texts), new BotHook({ ...bots, texts, signal })),
    message: new Message(sender, texts),
    email:
      sendMail && !recipients.isEmpty
        ? new Email({ ...common, sendMail })
        : missing(['SMTP_URL', 'MAIL_FROM', 'SUBSCRIPTION_RECIPIENTS']),
    sms:
      sendSms && !recipients.isEmpty
        ? new Sms({ ...common, sendSms })
        : missing(['SMS_URL', 'SMS_FROM', 'SUBSCRIPTION_RECIPIENTS']),
  });
}

const missing = (variables: readonly string[]): Missing => ({
  missing: `the operator has to set ${variables.join(', ')}.`,
});
