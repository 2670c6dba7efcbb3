import { changeMarkSql } from '../canonicals/changeMark.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Database } from '../postgres/database.ts';
import { int8Array } from '../resource/binaryArray.ts';
import { tableNames } from '../schema/names.ts';
import { orWhenNoTable } from '../schema/resourceTypes.ts';
import { CONSENT, CONSENT_NOTICE_TYPES, type StaleConsents } from './consentNotices.ts';

/** A Consent as it is stored; without content it is deleted. */
export interface StoredConsent {
  row: string;
  content: string | null;
}

/** Consents that are read at a time. */
const BATCH = 1_000;

/** Reads consents for the server itself. */
export class ConsentReader {
  readonly #database: Pick<Database, 'read'>;
  readonly #schema: string;
  readonly #index: IndexQuery;

  constructor(database: Pick<Database, 'read'>, schema: string, index: IndexQuery) {
    this.#database = database;
    this.#schema = schema;
    this.#index = index;
  }

  /** All that are active. */
  async *active(): AsyncGenerator<StoredConsent[]> {
    const keys = int8Array(this.#index.tokenKeys(CONSENT, 'status', { code: 'active' }));
    let after = '-1';
    for (;;) {
      const found = await this.#rows({
        name: 'consents-active',
        text: `SELECT rid::text AS row, content FROM ${this.#table} WHERE keys && $1::bigint[] AND rid > $2 ORDER BY rid LIMIT $3`,
        values: [keys, after, BATCH],
      });
      yield found;
      if (found.length < BATCH) return;
      after = found.at(-1)!.row;
    }
  }

  /** Those that are named; what is not there any more is missing. */
  some({ rows, ids }: StaleConsents): Promise<StoredConsent[]> {
    const selves = [...ids].map((id) => this.#index.selfKey(CONSENT, id));
    return this.#rows({
      name: 'consents-some',
      text: `SELECT rid::text AS row, content FROM ${this.#table} WHERE rid = ANY ($1::bigint[]) OR self = ANY ($2::bigint[])`,
      values: [int8Array([...rows]), int8Array(selves)],
    });
  }

  /** A text that is another after each write of what consents are judged by. */
  async mark(): Promise<string> {
    const { rows } = await this.#database.read({
      name: 'consents-mark',
      text: `SELECT ${changeMarkSql(this.#schema)} AS mark`,
      values: [[...CONSENT_NOTICE_TYPES]],
    });
    return String(rows[0]!.mark);
  }

  get #table(): string {
    return tableNames(this.#schema, CONSENT).resource;
  }

  #rows(statement: { name: string; text: string; values: unknown[] }): Promise<StoredConsent[]> {
    const reading = this.#database.read(statement).then(({ rows }) => rows as unknown as StoredConsent[]);
    return orWhenNoTable(reading, []);
  }
}
