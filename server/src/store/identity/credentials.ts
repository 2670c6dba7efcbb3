import type { Database, Statement } from '../postgres/database.ts';
import { hashOf } from './artifacts.ts';
import type { Sealer } from './sealer.ts';

/** An authenticator app, a code for when it is lost, a passkey, an account of another provider. */
export type CredentialKind = 'totp' | 'recovery-code' | 'passkey' | 'external';

export interface NewCredential {
  kind: CredentialKind;
  /** What it is found by, of all users'. */
  id: string;
  /** Id of the User. */
  account: string;
  value: object;
  counter?: number;
}

export interface Credential {
  kind: CredentialKind;
  /** Names it to its user; tells nothing. */
  name: string;
  account: string;
  value: Record<string, unknown>;
  counter: number;
  createdAtMs: number;
  usedAtMs?: number;
}

/**
 * The table `identity_credential`: what users prove by who they are, besides a password. A row is found by a hash and its value is
 * sealed, as those of `identity_artifact` are; but it stays when all that a user was given ends.
 */
export class CredentialTable {
  readonly #database: Database;
  readonly #table: string;
  readonly #sealer: Sealer;

  constructor(database: Database, schema: string, sealer: Sealer) {
    this.#database = database;
    this.#table = `"${schema}".identity_credential`;
    this.#sealer = sealer;
  }

  /** @returns false when there is one of the same kind and id already: then nothing was done */
  async add(credential: NewCredential): Promise<boolean> {
    const text = `${this.#insert()} ON CONFLICT DO NOTHING RETURNING 1`;
    return this.#any({ name: 'identity-credential-add', text, values: this.#values(credential) });
  }

  /** Sets these in place of all of the same kind that the user has. */
  async replaceAll(account: string, kind: CredentialKind, credentials: NewCredential[]): Promise<void> {
    const gone = `DELETE FROM ${this.#table} WHERE account = $1 AND kind = $2`;
    await this.#database.transaction(async (tx) => {
      await tx.query({ name: '', text: gone, values: [account, kind] });
      for (const credential of credentials)
        await tx.query({ name: '', text: this.#insert(), values: this.#values(credential) });
    });
  }

  async find(kind: CredentialKind, id: string): Promise<Credential | undefined> {
    const text = `${this.#select()} WHERE hash = $1`;
    const { rows } = await this.#database.read({
      name: 'identity-credential-find',
      text,
      values: [hashOf(kind, id)],
    });
    return this.#open(rows as unknown as CredentialRow[])[0];
  }

  /** In the order in which they were added. */
  async ofAccount(account: string): Promise<Credential[]> {
    const text = `${this.#select()} WHERE account = $1 ORDER BY created, hash`;
    const { rows } = await this.#database.read({
      name: 'identity-credential-account',
      text,
      values: [account],
    });
    return this.#open(rows as unknown as CredentialRow[]);
  }

  /**
   * Notes a use. @param counter must be more than that of the last use, but where neither counts (0)
   * @returns false otherwise: of two at once, one; or it is not there
   */
  async use(kind: CredentialKind, id: string, counter: number): Promise<boolean> {
    const text = `UPDATE ${this.#table} SET counter = $2, used = clock_timestamp()
      WHERE hash = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0)) RETURNING 1`;
    return this.#any({ name: 'identity-credential-use', text, values: [hashOf(kind, id), counter] });
  }

  /** Removes what is good once. @returns false when somebody was faster, or it is not there */
  async take(kind: CredentialKind, id: string): Promise<boolean> {
    const text = `DELETE FROM ${this.#table} WHERE hash = $1 RETURNING 1`;
    return this.#any({ name: 'identity-credential-take', text, values: [hashOf(kind, id)] });
  }

  /** Removes those of a user: of one kind, or the one of this name; all without either. @returns whether there was any */
  async remove(account: string, { kind, name }: { kind?: CredentialKind; name?: string }): Promise<boolean> {
    const text = `DELETE FROM ${this.#table} WHERE account = $1 AND ($2::text IS NULL OR kind = $2)
      AND ($3::bytea IS NULL OR hash = $3) RETURNING 1`;
    const hash = name === undefined ? null : Buffer.from(name, 'hex');
    return this.#any({ name: '', text, values: [account, kind ?? null, hash] });
  }

  #insert(): string {
    return `INSERT INTO ${this.#table} (hash, account, kind, value, counter) VALUES ($1, $2, $3, $4, $5)`;
  }

  #values({ kind, id, account, value, counter = 0 }: NewCredential): unknown[] {
    const hash = hashOf(kind, id);
    return [hash, account, kind, this.#sealer.seal(JSON.stringify(value), hash.toString('hex')), counter];
  }

  #select(): string {
    return `SELECT hash, account, kind, value, counter::float8 AS counter, extract(epoch FROM created)::float8 AS created,
      extract(epoch FROM used)::float8 AS used FROM ${this.#table}`;
  }

  /** Those that were sealed with another key are as good as gone. */
  #open(rows: CredentialRow[]): Credential[] {
    return rows.flatMap(({ hash, account, kind, value, counter, created, used }) => {
      const name = hash.toString('hex');
      const text = this.#sealer.open(value, name);
      if (text === undefined) return [];
      const opened = JSON.parse(text) as Record<string, unknown>;
      const usedAt = used === null ? {} : { usedAtMs: used * 1000 };
      return [{ kind, name, account, value: opened, counter, createdAtMs: created * 1000, ...usedAt }];
    });
  }

  async #any(statement: Statement): Promise<boolean> {
    return (await this.#database.write(statement)).rows.length > 0;
  }
}

interface CredentialRow {
  hash: Buffer;
  account: string;
  kind: CredentialKind;
  value: Buffer;
  counter: number;
  created: number;
  used: number | null;
}
