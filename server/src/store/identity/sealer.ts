import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals what a dump of the database must not tell (AES-256-GCM). The key is the server's own, of SECRET_KEY_FILE: whoever loses it
 * loses what was sealed.
 */
export class Sealer {
  readonly #key: KeyObject;

  /** @param purpose another one gives another key */
  constructor(secretKey: Uint8Array, purpose: string) {
    this.#key = createSecretKey(Buffer.from(hkdfSync('sha256', secretKey, '', purpose, 32)));
  }

  /** @param binding where the sealed text belongs: it opens nowhere else */
  seal(text: string, binding: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(binding));
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  /** Undefined where it was sealed with another key or for another place, or was changed. */
  open(bytes: Buffer, binding: string): string | undefined {
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(binding))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8');
    try {
      return text + decipher.final('utf8');
    } catch {
      return undefined; // not authentic: nothing of it may be used
    }
  }
}
