import type { SendSms } from '../events/channels/sms.ts';

/**
 * Sends short messages by a gateway that takes them as Twilio does: a form with To, From and Body, posted to the URL, by the account and token in it.
 *
 * @param smsUrl SMS_URL: `https://account:token@gateway.example/Messages.json`
 * @param from SMS_FROM
 */
export function openSms(smsUrl: string, from: string): SendSms {
  const url = new URL(smsUrl);
  const account = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  const authorization =
    account === ':' ? {} : { Authorization: `Basic ${Buffer.from(account).toString('base64')}` };
  return async ({ to, text, key, signal }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...authorization, Accept: 'application/json', 'Idempotency-Key': key },
      body: new URLSearchParams({ To: to, From: from, Body: text }),
      redirect: 'manual',
      signal,
    });
    await response.body?.cancel();
    return response.status;
  };
}
