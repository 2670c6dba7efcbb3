import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig, type QueryResult } from 'pg';
import { ClientPool } from './clientPool.ts';
import type { Statement } from './client.ts';
import { databaseAway, outcomeUnknown, readLost } from './failures.ts';
import { errorsToStderr, reasonOf, type Log } from './log.ts';
import { leastBusy, Pipeline } from './pipeline.ts';
import { QUICK_TIMEOUT_MS, QuickSearches } from './quickSearches.ts';
import type { Session } from './session.ts';
import { StartError } from './startError.ts';
import { transact, type Transaction } from './transaction.ts';

export type { QueryResult } from 'pg';
export type { Statement } from './client.ts';
export type { Transaction } from './transaction.ts';

/**
 * The connections to PostgreSQL. While the database is away, calls fail at once with FhirError `busy`; when it is back, they work
 * again. An answer that got lost is `busy` too, and its text says what is known about the outcome. Other errors are PostgreSQL's own
 * (`DatabaseError` of pg, with `code`).
 */
export interface Database {
  /** A quick statement that changes nothing, on a pipelined connection. */
  read(statement: Statement): Promise<QueryResult>;
  /** A quick statement that is a transaction of its own, on a pipelined connection. Never sent twice. */
  write(statement: Statement): Promise<QueryResult>;
  /** A statement that changes nothing and may take long; planned for its values. Error 57014 after `searchTimeoutMs`. */
  search(statement: Statement): Promise<QueryResult>;
  /** The same for a statement that is written for one plan, whatever the values (`fixed-search` of session.ts). */
  searchFixed(statement: Statement): Promise<QueryResult>;
  /** The same for one that is expected to take less than a millisecond or two, and to bring no more than a small page. */
  searchQuick(statement: Statement): Promise<QueryResult>;
  /** How long a search may take. */
  readonly searchTimeoutMs: number;
  /** All or nothing. `work` runs again after a collision, so it must do nothing but query. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** False while the database is away. */
  ready(): boolean;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** A PostgreSQL URL, or its parts. */
  connection: string | ClientConfig;
  searchTimeoutMs?: number;
  readConnections?: number;
  writeConnections?: number;
  quickConnections?: number;
  searchConnectionsMax?: number;
  transactionConnectionsMax?: number;
  /** How long to wait for a database that is still starting. */
  startTimeoutMs?: number;
  log?: Log;
}

const READ_TIMEOUT_MS = 10_000;
const WRITE_TIMEOUT_MS = 30_000;
/** How long a statement of a transaction may take. */
export const TRANSACTION_STATEMENT_TIMEOUT_MS = 60_000;
const SEARCH_TIMEOUT_MS = 10_000;
const READ_CONNECTIONS = 2;
const WRITE_CONNECTIONS = 4;
const QUICK_CONNECTIONS = 3;
const SEARCH_CONNECTIONS_MAX = 8;
const TRANSACTION_CONNECTIONS_MAX = 8;
const START_TIMEOUT_MS = 10_000;
const START_POLL_MS = 200;

const session = (
  applicationName: Session['applicationName'],
  statementTimeoutMs: number,
  plans: Session['plans'],
): Session => ({
  applicationName,
  statementTimeoutMs,
  plans,
});

/**
 * Connects to PostgreSQL.
 * @throws StartError when it cannot be reached, is older than 14, or could lose confirmed writes
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const config = configOf(options.connection);
  const watch = watchState(options.log ?? errorsToStderr);
  const pipelines = (
    count: number,
    kind: Session,
    lostAnswer: typeof readLost,
    gathers = false,
  ): Pipeline[] =>
    Array.from(
      { length: count },
      () =>
        new Pipeline({ config, session: kind, lostAnswer, gathers, onAway: watch.away, onBack: watch.back }),
    );
  const reads = pipelines(
    options.readConnections ?? READ_CONNECTIONS,
    session('maxray-read', READ_TIMEOUT_MS, 'point'),
    readLost,
  );
  const writes = pipelines(
    options.writeConnections ?? WRITE_CONNECTIONS,
    session('maxray-write', WRITE_TIMEOUT_MS, 'point'),
    outcomeUnknown,
  );
  const searchTimeoutMs = options.searchTimeoutMs ?? SEARCH_TIMEOUT_MS;
  const searchPool = (plans: Session['plans']): ClientPool =>
    new ClientPool({
      config,
      session: session('maxray-read', searchTimeoutMs, plans),
      connectionsMax: options.searchConnectionsMax ?? SEARCH_CONNECTIONS_MAX,
      onAway: watch.away,
    });
  const searches = searchPool('search');
  const fixedSearches = searchPool('fixed-search');
  const quick = pipelines(
    options.quickConnections ?? QUICK_CONNECTIONS,
    session('maxray-read', Math.min(QUICK_TIMEOUT_MS, searchTimeoutMs), 'fixed-search'),
    readLost,
    true,
  );
  const quickSearches = new QuickSearches(quick, fixedSearches);
  const transactions = new ClientPool({
    config,
    session: session('maxray-write', TRANSACTION_STATEMENT_TIMEOUT_MS, 'batch'),
    connectionsMax: options.transactionConnectionsMax ?? TRANSACTION_CONNECTIONS_MAX,
    onAway: watch.away,
  });
  const ready = (): boolean => reads.some((one) => one.ready) && writes.some((one) => one.ready);
  const close = async (): Promise<void> => {
    const all = [...reads, ...writes, ...quick, searches, fixedSearches, transactions];
    await Promise.all(all.map((one) => one.close()));
  };
  try {
    await firstConnections(
      [...reads, ...writes, ...quick],
      config,
      options.startTimeoutMs ?? START_TIMEOUT_MS,
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    read: (statement) => leastBusy(reads).run(statement),
    write: (statement) => leastBusy(writes).run(statement),
    search: (statement) => (ready() ? searches.read(statement) : Promise.reject(databaseAway())),
    searchFixed: (statement) => (ready() ? fixedSearches.read(statement) : Promise.reject(databaseAway())),
    searchQuick: (statement) => (ready() ? quickSearches.read(statement) : Promise.reject(databaseAway())),
    searchTimeoutMs,
    transaction: (work) => (ready() ? transact(transactions, work) : Promise.reject(databaseAway())),
    ready,
    close,
  };
}

function configOf(connection: string | ClientConfig): ClientConfig {
  if (typeof connection !== 'string') return connection;
  if (!/^postgres(ql)?:\/\//.test(connection))
    throw new StartError('DATABASE_URL must look like postgresql://user:password@host:5432/database');
  return { connectionString: connection };
}

/** While a database is away the reasons change quickly (shutting down, refused, starting up); each is worth a line only after a while. */
const AWAY_LOG_INTERVAL_MS = 10_000;

/** Says that the database is away, why, and that it is back. */
function watchState(log: Log): { away: (reason: unknown) => void; back: () => void } {
  let away = false;
  let toldAtMs = 0;
  return {
    away: (reason) => {
      if (away && Date.now() - toldAtMs < AWAY_LOG_INTERVAL_MS) return;
      log('warn', `the database is away: ${reason === undefined ? 'connection closed' : reasonOf(reason)}`);
      away = true;
      toldAtMs = Date.now();
    },
    back: () => {
      if (away) log('info', 'the database is back');
      away = false;
    },
  };
}

const STARTING_CODES = new Set([
  '57P03',
  '53300',
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** A database that starts together with us is waited for; anything else that is wrong is told at once. */
async function firstConnections(
  pipelines: Pipeline[],
  config: ClientConfig,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await pipelines.find((one) => !one.ready)?.connect();
      await Promise.all(pipelines.filter((one) => !one.ready).map((one) => one.connect()));
      return;
    } catch (error) {
      if (error instanceof StartError) throw error;
      if (!STARTING_CODES.has(codeOf(error)) || Date.now() > deadline) throw unreachable(config, error);
    }
    await sleep(START_POLL_MS);
  }
}

const codeOf = (error: unknown): string => {
  const single = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return (single as { code?: string }).code ?? '';
};

/** Names the place, never the password. */
function unreachable(config: ClientConfig, error: unknown): StartError {
  const { host, port, database, user } = new Client(config);
  return new StartError(
    `cannot use PostgreSQL at ${host}:${port}, database "${database}", user "${user}": ${reasonOf(error)}. Check that it runs, and the address, the user and the password.`,
    { cause: error },
  );
}
