import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Is a request from who knows the token? Twilio signs the URL with all parameters of the form behind it, by name, in HMAC-SHA1.
 *
 * @param url the address that the gateway was told, character by character
 */
export function isSigned(
  token: string,
  url: string,
  form: URLSearchParams,
  signature: string | undefined,
): boolean {
  const expected = Buffer.from(signatureOf(token, url, form));
  const given = Buffer.from(signature ?? '');
  return expected.length === given.length && timingSafeEqual(expected, given);
}

export function signatureOf(token: string, url: string, form: URLSearchParams): string {
  const parameters = [...form].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const text = url + parameters.map(([name, value]) => name + value).join('');
  return createHmac('sha1', token).update(text, 'utf8').digest('base64');
}
