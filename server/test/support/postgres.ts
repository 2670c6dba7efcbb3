import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { ClientConfig } from 'pg';
import { openDatabase, type Database, type DatabaseOptions } from '../../src/store/postgres/database.ts';
import { migrate } from '../../src/store/postgres/migrations/migrate.ts';

/**
 * Limit of a search in tests that are not about the limit: a guard against hanging. What is found is tested, however busy
 * the machine is.
 */
export const SEARCH_MS_MAX = 120_000;

export interface TestDatabase {
  database: Database;
  /** A store of the test file's own, migrated. */
  schema: string;
  /** For tests that open further connections. */
  connection: string | ClientConfig;
  /** Drops the schema and closes the connections: to be called in `afterAll`. */
  close(): Promise<void>;
}

/** A fresh store in the PostgreSQL of this Jest run (or of DATABASE_URL); one for each test file, in `beforeAll`. */
export async function testDatabase(options: Partial<DatabaseOptions> = {}): Promise<TestDatabase> {
  const connection = options.connection ?? (await testConnection());
  const schema = `test_${randomBytes(6).toString('hex')}`;
  const database = await openDatabase({ searchTimeoutMs: SEARCH_MS_MAX, ...options, connection });
  await migrate(database, schema);
  const close = async (): Promise<void> => {
    await database.transaction((tx) =>
      tx.query({ name: '', text: `DROP SCHEMA "${schema}" CASCADE`, values: [] }),
    );
    await database.close();
  };
  return { database, schema, connection, close };
}

/** Where the PostgreSQL of this Jest run is; it is started at the first call. */
export async function testConnection(): Promise<string | ClientConfig> {
  const { DATABASE_URL, MAXRAY_TEST_BROKER } = process.env;
  if (DATABASE_URL) return DATABASE_URL;
  if (!MAXRAY_TEST_BROKER) throw new Error('Jest ran without server/test/support/globalSetup.mjs');
  return JSON.parse(await ask(MAXRAY_TEST_BROKER)) as ClientConfig;
}

function ask(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Without an agent: a connection kept from the last file may be closed at the moment that it is used again (EPIPE).
    request({ socketPath, path: '/', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    })
      .on('error', reject)
      .end();
  });
}
