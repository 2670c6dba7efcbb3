import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SecretTable } from '../store/identity/secrets.ts';
import type { SlowHashing } from './hashing.ts';

const SECRET_BYTES = 32;
const SALT_BYTES = 16;
export const CLIENT_SECRET_CHARS_MAX = 512;
/** Shorter ones that people chose could be guessed from their hash. */
export const CLIENT_SECRET_CHARS_MIN = 16;

/**
 * Secrets of clients. One that we made has 256 random bits, for which a salted SHA-256 is as good as any; one that somebody chose
 * is hashed with argon2id, as passwords are.
 */
export class ClientSecrets {
  readonly #table: SecretTable;
  readonly #hashing: SlowHashing;

  constructor(table: SecretTable, hashing: SlowHashing) {
    this.#table = table;
    this.#hashing = hashing;
  }

  /** Makes a secret for a client, in place of its former one. @returns it: shown once, and stored nowhere */
  async make(clientId: string): Promise<string> {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    await this.#table.setHash(
      ownerOf(clientId),
      'client-secret',
      saltedHash(secret, randomBytes(SALT_BYTES)),
    );
    return secret;
  }

  /** Sets one that somebody chose. @throws RangeError when it is too short or too long */
  async set(clientId: string, secret: string): Promise<void> {
    if (secret.length < CLIENT_SECRET_CHARS_MIN || secret.length > CLIENT_SECRET_CHARS_MAX)
      throw new RangeError(
        `The secret of a client has ${CLIENT_SECRET_CHARS_MIN} to ${CLIENT_SECRET_CHARS_MAX} characters.`,
      );
    await this.#table.setHash(ownerOf(clientId), 'client-secret', await this.#hashing.hash(secret));
  }

  async has(clientId: string): Promise<boolean> {
    return (await this.#table.hash(ownerOf(clientId), 'client-secret')) !== undefined;
  }

  async matches(clientId: string, secret: string): Promise<boolean> {
    if (secret.length > CLIENT_SECRET_CHARS_MAX) return false;
    const stored = await this.#table.hash(ownerOf(clientId), 'client-secret');
    if (stored === undefined) return false;
    if (stored.startsWith('$argon2')) return this.#hashing.verify(stored, secret);
    const salt = Buffer.from(stored.split('$')[1] ?? '', 'base64url');
    const given = Buffer.from(saltedHash(secret, salt));
    return given.length === stored.length && timingSafeEqual(given, Buffer.from(stored));
  }

  async remove(clientId: string): Promise<void> {
    await this.#table.remove(ownerOf(clientId), 'client-secret');
  }
}

const ownerOf = (clientId: string): string => `ClientApplication/${clientId}`;

function saltedHash(secret: string, salt: Buffer): string {
  const digest = createHash('sha256').update(salt).update(secret).digest('base64url');
  return `sha256$${salt.toString('base64url')}$${digest}`;
}
