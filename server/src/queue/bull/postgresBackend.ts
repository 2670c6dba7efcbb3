import {
  PostgresConnection,
  PostgresQueueBackend,
  runMigrations,
  type BackendFactory,
  type PostgresConnectionOptions,
} from 'bullmq';
import { Client, type ClientConfig } from 'pg';
import type { Backend } from './backend.ts';
import { resting } from './resting.ts';

/** Besides one that hears. */
const CONNECTIONS_MAX = 2;
const CONNECT_MS_MAX = 5_000;
const STATEMENT_MS_MAX = 10_000;
const EVENTS = ['error', 'ready', 'close', 'listenerinvalidated'] as const;
const MAKES_SCHEMA = /^CREATE SCHEMA /;

/**
 * Queues in a schema of their own in PostgreSQL. All of a process share its connections, however many stores it serves: two that ask, and
 * one that hears.
 *
 * @param schema made where it is not there yet, and brought to the shape that this release of BullMQ needs
 * @throws DatabaseError 42501 when the user may neither make the schema nor use it
 */
export async function openPostgresBackend(
  connection: string | ClientConfig,
  schema: string,
): Promise<Backend> {
  const config: ClientConfig = typeof connection === 'string' ? { connectionString: connection } : connection;
  await prepare(config, schema);
  const { password, ...others } = config;
  const shared = new PostgresConnection({
    ...others,
    ...(typeof password === 'string' && { password }),
    schema,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: STATEMENT_MS_MAX,
    application_name: 'maxray-queue',
    // Nothing in it must last: what it forgets is found in tables that do.
    options: '-c synchronous_commit=off',
  });
  shared.setMaxListeners(0);
  shared.on('error', () => undefined); // told by what is asked of it
  try {
    await shared.waitUntilReady(); // BullMQ remembers its failure for ever
  } catch (error) {
    await shared.close();
    throw error;
  }
  const factory: BackendFactory<SharingBackend, PostgresConnectionOptions> = (name, options) =>
    resting(new SharingBackend(shared, name, options));
  const ofAny = factory as BackendFactory;
  return { producer: ofAny, consumer: ofAny, close: () => shared.close() };
}

/** The tables and functions of BullMQ. */
async function prepare(config: ClientConfig, schema: string): Promise<void> {
  const client = new Client({ ...config, connectionTimeoutMillis: CONNECT_MS_MAX });
  client.on('error', () => undefined); // what is asked of it fails
  await client.connect();
  try {
    const { rows } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    const isThere = rows.length > 0;
    const asked: Parameters<typeof runMigrations>[0] = client;
    await runMigrations(
      {
        // Even where the schema is there PostgreSQL asks whether the user might make one.
        query: async <R>(text: string, values?: readonly unknown[]) =>
          isThere && MAKES_SCHEMA.test(text) ? { rows: [] } : asked.query<R>(text, values),
      },
      schema,
    );
  } finally {
    await client.end();
  }
}

/** A backend of one queue, over connections that others go on using. */
class SharingBackend extends PostgresQueueBackend {
  readonly #shared: PostgresConnection;
  readonly #hearing: (readonly [string, (...args: unknown[]) => void])[];

  constructor(shared: PostgresConnection, name: string, options: object) {
    const before = new Map(EVENTS.map((event) => [event, new Set(shared.listeners(event))]));
    super(shared, name, options as never, true);
    this.#shared = shared;
    this.#hearing = EVENTS.flatMap((event) =>
      shared
        .listeners(event)
        .filter((listener) => !before.get(event)!.has(listener))
        .map((listener) => [event, listener as (...args: unknown[]) => void] as const),
    );
  }

  override async close(): Promise<void> {
    for (const [event, listener] of this.#hearing) this.#shared.off(event, listener);
  }

  override async disconnect(): Promise<void> {
    await this.disconnectBlocking();
  }
}
