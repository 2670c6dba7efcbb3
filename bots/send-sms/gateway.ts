const TIMEOUT_MS = 10_000;
/** What a gateway answers; more is not read as an answer. */
const ANSWER_MAX = 64 * 1024;

export interface TextMessage {
  /** The same whenever the message is the same. */
  key: string;
  /** E.164, `+15205550123`. */
  to: string;
  text: string;
}

/** Something that sends text messages. */
export interface SmsGateway {
  /**
   * @returns the gateway's own id of the message, or that it refuses to send it
   * @throws where it may be tried again
   */
  send(message: TextMessage): Promise<{ id: string } | 'refused'>;
}

export interface TwilioSettings {
  /** Where messages are made, e.g. `https://api.twilio.com/2010-04-01/Accounts/AC…/Messages.json`. */
  url: string;
  account: string;
  token: string;
  /** A number of ours, or the id of a messaging service (`MG…`). */
  from: string;
  /** Where the gateway says what became of a message; absent: nowhere. */
  callbackUrl: string | undefined;
}

/** A gateway with Twilio's interface (form in, JSON out, Basic authentication), which others offer too. */
export function twilioGateway({ url, account, token, from, callbackUrl }: TwilioSettings): SmsGateway {
  const credentials = Buffer.from(`${account}:${token}`).toString('base64');
  return {
    async send({ key, to, text }) {
      const form = new URLSearchParams({ To: to, Body: text });
      form.set(from.startsWith('MG') ? 'MessagingServiceSid' : 'From', from);
      if (callbackUrl !== undefined) form.set('StatusCallback', callbackUrl);
      const response = await fetch(url, {
        method: 'POST',
        headers: { Authorization: `Basic ${credentials}`, 'Idempotency-Key': key },
        body: form,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer = (await response.text()).slice(0, ANSWER_MAX);
      // 400 says that this message cannot be sent (an impossible number, somebody who has answered STOP); else it is not about the message.
      if (response.status === 400) return 'refused';
      if (!response.ok) throw new Error(`the SMS gateway answered ${response.status}`);
      return { id: idOf(answer) };
    },
  };
}

function idOf(answer: string): string {
  const { sid } = JSON.parse(answer) as { sid?: unknown };
  if (typeof sid !== 'string' || sid === '') throw new Error('the SMS gateway gave the message no sid');
  return sid;
}

/** A telephone number as gateways take it. @returns undefined where it has no country code */
export function e164(number: string): string | undefined {
  const digits = number.replaceAll(/[\s().\-/]/g, '').replace(/^00/, '+');
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
}
