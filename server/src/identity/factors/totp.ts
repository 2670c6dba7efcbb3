import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What authenticator apps take without being told otherwise (RFC 6238; Key URI format). */
const STEP_S = 30;
const DIGITS = 6;
/** As RFC 4226, 4 recommends: 160 bits. */
const SECRET_BYTES = 20;
/** Steps that clocks may differ, to either side (RFC 6238, 5.2). */
const SKEW_STEPS = 1;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new secret, in base32 without padding (RFC 4648, 6). */
export const newTotpSecret = (): string => base32(randomBytes(SECRET_BYTES));

/** What a phone is shown: the Key URI that authenticator apps read. @param issuer name of this server */
export function totpUri(secret: string, issuer: string, email: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`;
  const parameters = `secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
  return `otpauth://totp/${label}?${parameters}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_S}`;
}

/** The time step in which a code is the right one, near to the given time. Undefined for a wrong code. */
export function totpStep(secret: string, code: string, atMs: number): number | undefined {
  const key = fromBase32(secret);
  const given = Buffer.from(code);
  const now = Math.floor(atMs / 1000 / STEP_S);
  let found: number | undefined;
  for (let step = now - SKEW_STEPS; step <= now + SKEW_STEPS; step++) {
    const expected = Buffer.from(hotp(key, step));
    if (given.length === expected.length && timingSafeEqual(given, expected)) found = step;
  }
  return found;
}

/** The code of a secret at a time. */
export const totpCode = (secret: string, atMs: number): string =>
  hotp(fromBase32(secret), Math.floor(atMs / 1000 / STEP_S));

/** RFC 4226, 5.3. */
function hotp(key: Buffer, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const digest = createHmac('sha1', key).update(message).digest();
  const offset = digest.at(-1)! & 0x0f;
  const number = digest.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => ALPHABET[parseInt(group.padEnd(5, '0'), 2)]).join('');
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((char) => ALPHABET.indexOf(char).toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
}
