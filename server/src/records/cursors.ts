import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomFillSync,
  type KeyObject,
} from 'node:crypto';
import { fhirError } from '../fhir/outcome.ts';
import type { Caller } from './caller.ts';

/** How long a page link can be followed. */
export const CURSOR_TTL_MS = 24 * 3600 * 1000;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCES_AT_ONCE = 256;

/** What of a caller a cursor is bound to. */
type CursorOwner = Pick<Caller, 'id'>;

/**
 * Page positions as opaque texts. Sort keys can be patient data, so a position is encrypted (AES-256-GCM); it is
 * bound to the caller and the query it came from, and expires.
 */
export class Cursors {
  /** As an object: from bytes, every cipher would take several times as long to make. */
  readonly #key: KeyObject;
  readonly #nonces = new Nonces();

  constructor(secretKey: Uint8Array) {
    const key = hkdfSync('sha256', secretKey, '', 'page cursors', 32);
    this.#key = createSecretKey(Buffer.from(key));
  }

  /** @param query text that identifies the query; the same must be given to open the cursor */
  seal(caller: CursorOwner, query: string, position: unknown): string {
    const nonce = this.#nonces.next();
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(binding(caller, query));
    const body = JSON.stringify({ position, expires: Date.now() + CURSOR_TTL_MS });
    return Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** @throws FhirError `incorrect` when the cursor is not ours, of another query or caller, or expired */
  open<T>(caller: CursorOwner, query: string, cursor: string): T {
    const opened = this.#decrypt(caller, query, cursor);
    if (opened === undefined || opened.expires < Date.now()) {
      throw fhirError(
        'incorrect',
        'invalid',
        'The page link is damaged, expired or of another query: search again from the first page.',
      );
    }
    return opened.position as T;
  }

  #decrypt(
    caller: CursorOwner,
    query: string,
    cursor: string,
  ): { position: unknown; expires: number } | undefined {
    const bytes = Buffer.from(cursor, 'base64url');
    if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(binding(caller, query))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      return JSON.parse(text.toString()) as { position: unknown; expires: number };
    } catch {
      return undefined; // not authentic: the caller of open() says so
    }
  }
}

/** What a cursor is authentic together with. */
const binding = (caller: CursorOwner, query: string): Buffer =>
  Buffer.from(`${caller.id.length} ${caller.id} ${query}`);

/** Random nonces, fetched many at a time: asking the system for twelve bytes costs more than encrypting with them. */
class Nonces {
  readonly #bytes = Buffer.alloc(NONCE_BYTES * NONCES_AT_ONCE);
  #at = this.#bytes.length;

  next(): Buffer {
    if (this.#at === this.#bytes.length) {
      randomFillSync(this.#bytes);
      this.#at = 0;
    }
    return this.#bytes.subarray(this.#at, (this.#at += NONCE_BYTES));
  }
}
