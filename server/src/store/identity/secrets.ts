import type { Database } from '../postgres/database.ts';
import type { Sealer } from './sealer.ts';

/** Sorts of secrets: of clients and users hashes; of the server its keys, sealed. */
export type SecretKind = 'client-secret' | 'password' | 'jwks';

/**
 * The table `identity_secret`: what belongs to a resource and must never be in its content, history or export (decision 0011).
 * Hashes are stored as they are; what is needed in clear again is sealed.
 */
export class SecretTable {
  readonly #database: Database;
  readonly #table: string;
  readonly #sealer: Sealer;

  constructor(database: Database, schema: string, sealer: Sealer) {
    this.#database = database;
    this.#table = `"${schema}".identity_secret`;
    this.#sealer = sealer;
  }

  /** @param owner `User/1`, `ClientApplication/2`, or `server` */
  async hash(owner: string, kind: SecretKind): Promise<string | undefined> {
    return (await this.#value(owner, kind))?.toString('utf8');
  }

  async setHash(owner: string, kind: SecretKind, hash: string): Promise<void> {
    await this.#set(owner, kind, Buffer.from(hash));
  }

  /** Undefined where there is none, or where it was sealed with another key. */
  async sealed(owner: string, kind: SecretKind): Promise<string | undefined> {
    const value = await this.#value(owner, kind);
    return value && this.#sealer.open(value, binding(owner, kind));
  }

  async setSealed(owner: string, kind: SecretKind, text: string): Promise<void> {
    await this.#set(owner, kind, this.#sealer.seal(text, binding(owner, kind)));
  }

  /** Stores it unless there is one that can be opened. @returns the one that is there now: the same for all servers that ask at once */
  async sealedOnce(owner: string, kind: SecretKind, text: string): Promise<string> {
    const before = await this.#value(owner, kind);
    if (before !== undefined) {
      const opened = this.#sealer.open(before, binding(owner, kind));
      if (opened !== undefined) return opened;
    }
    const sealed = this.#sealer.seal(text, binding(owner, kind));
    await this.#database.write({
      name: '',
      text: `INSERT INTO ${this.#table} AS s (owner, kind, value) VALUES ($1, $2, $3)
        ON CONFLICT (owner, kind) DO UPDATE SET value = excluded.value, updated = clock_timestamp() WHERE s.value = $4`,
      values: [owner, kind, sealed, before ?? null],
    });
    const now = await this.sealed(owner, kind);
    if (now === undefined)
      throw new Error(
        `the secret ${kind} of ${owner} was sealed with another SECRET_KEY_FILE by another server`,
      );
    return now;
  }

  /** Removes all secrets of an owner, or those of one kind. */
  async remove(owner: string, kind?: SecretKind): Promise<void> {
    const text = `DELETE FROM ${this.#table} WHERE owner = $1 AND ($2::text IS NULL OR kind = $2)`;
    await this.#database.write({ name: '', text, values: [owner, kind ?? null] });
  }

  async #value(owner: string, kind: SecretKind): Promise<Buffer | undefined> {
    const text = `SELECT value FROM ${this.#table} WHERE owner = $1 AND kind = $2`;
    const { rows } = await this.#database.read({ name: 'identity-secret', text, values: [owner, kind] });
    return rows[0]?.value as Buffer | undefined;
  }

  async #set(owner: string, kind: SecretKind, value: Buffer): Promise<void> {
    const text = `INSERT INTO ${this.#table} (owner, kind, value) VALUES ($1, $2, $3)
      ON CONFLICT (owner, kind) DO UPDATE SET value = excluded.value, updated = clock_timestamp()`;
    await this.#database.write({ name: '', text, values: [owner, kind, value] });
  }
}

const binding = (owner: string, kind: SecretKind): string => `${kind} ${owner}`;
