import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readStoreSecret } from '../../../src/store/postgres/migrations/storeSecret.ts';
import { openDatabase, type Database } from '../../../src/store/postgres/database.ts';
import { openStore } from '../../../src/store/store.ts';
import { verifyStore } from '../../../src/store/verify/verify.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { testConnection } from '../../support/postgres.ts';

/** What is in a store, looked at from outside of its server. */
export class StoreState {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /**
   * Where any of the texts stands: in any column of any row, as it is, as base64, or as bytes.
   *
   * @returns `table: row`
   */
  async findAll(texts: readonly string[]): Promise<string[]> {
    const tables = await this.#rows(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`,
      [this.#schema],
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await this.#rows(
        `SELECT t::text AS row FROM "${this.#schema}"."${String(name)}" t WHERE EXISTS (SELECT FROM unnest($1::text[]) x WHERE strpos(t::text, x) > 0)`,
        [texts.flatMap(written)],
      );
      for (const { row } of rows) found.push(`${String(name)}: ${String(row)}`);
    }
    return found;
  }

  async verify(base: string): Promise<string[]> {
    const secret = await readStoreSecret(this.#database, this.#schema);
    const { indexer } = openStore(this.#database, this.#schema, await r4Definitions(), secret, base);
    const { differences } = await verifyStore(this.#database, this.#schema, indexer, () => undefined);
    return differences.map(({ type, id, where }) => `${type}/${id} ${where}`);
  }

  async query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.#rows(text.replaceAll('SCHEMA', `"${this.#schema}"`), values);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #rows(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const { rows } = await this.#database.transaction((tx) => tx.query({ name: '', text, values }));
    return rows as Record<string, unknown>[];
  }
}

export async function storeState(schema: string): Promise<StoreState> {
  return new StoreState(await openDatabase({ connection: await testConnection() }), schema);
}

/** A text as rows may have it; base64 of it at each place of a group of three bytes. */
function written(text: string): string[] {
  const encoded = [0, 1, 2].map((before) => {
    const base64 = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64');
    return base64.slice(4, -4);
  });
  return [text, Buffer.from(text).toString('hex'), ...encoded];
}

/** Names of files below a folder in which the text stands. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}
