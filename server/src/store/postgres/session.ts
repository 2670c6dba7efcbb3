import type { StoreClient } from './client.ts';
import { StartError } from './startError.ts';

/**
 * How statements are planned:
 * - `point`: look-ups by key and inserts, planned once for any values, always by index. A plan made while a table was
 *   still small, and kept, would else read the grown table from end to end;
 * - `batch`: the same, but a large batch may be planned for itself;
 * - `search`: planned for the values each time (a plan for any value was 1,000 times slower);
 * - `fixed-search`: searches that are written for one plan, which is kept: planning takes longer than running it. They go
 *   along indexes and look other rows up one by one; the values, which the planner does not know then, must not
 *   lead it to sort or to join whole tables. Nor may it run the parts of a UNION ALL at the same time.
 */
export type Plans = 'point' | 'batch' | 'search' | 'fixed-search';

interface PlanMode {
  cacheMode: string;
  seqScan: string;
  /** Sorts, hash joins and merge joins. */
  wholeTables: string;
  /** null: as the server has it. */
  parallelWorkers: string | null;
}

const USUAL = { wholeTables: 'on', parallelWorkers: null };
const PLAN_MODES: Readonly<Record<Plans, PlanMode>> = {
  point: { cacheMode: 'force_generic_plan', seqScan: 'off', ...USUAL },
  batch: { cacheMode: 'auto', seqScan: 'off', ...USUAL },
  search: { cacheMode: 'force_custom_plan', seqScan: 'on', ...USUAL },
  'fixed-search': {
    cacheMode: 'force_generic_plan',
    seqScan: 'off',
    wholeTables: 'off',
    parallelWorkers: '0',
  },
};

/** What a connection is for decides how its session is set up. */
export interface Session {
  /** `maxray-read` or `maxray-write`: what PostgreSQL shows of it to operators. */
  applicationName: string;
  statementTimeoutMs: number;
  plans: Plans;
}

/** A transaction whose client went silent gives its locks back. */
const IDLE_IN_TRANSACTION_MS_MAX = 60_000;
const VERSION_MIN = 140_000;
/** Preparing the session takes no longer, or the connection is given up. */
const SETUP_MS_MAX = 10_000;

/** What an acknowledged write rests on: each is on, or the server does not start. */
const DURABLE: Record<string, string[]> = {
  fsync: ['on'],
  full_page_writes: ['on'],
  synchronous_commit: ['on', 'remote_apply'],
};

const SETUP = `SELECT set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO, YMD', false), set_config('jit', 'off', false),
  set_config('default_transaction_isolation', 'read committed', false), set_config('idle_session_timeout', '0', false),
  set_config('idle_in_transaction_session_timeout', $1, false), set_config('statement_timeout', $2, false),
  set_config('plan_cache_mode', $3, false), set_config('application_name', $4, false), set_config('enable_seqscan', $5, false),
  set_config('enable_sort', $6, false), set_config('enable_hashjoin', $6, false), set_config('enable_mergejoin', $6, false),
  set_config('max_parallel_workers_per_gather', coalesce($7, current_setting('max_parallel_workers_per_gather')), false)`;
/** `server_version` is also there before 14, where SETUP fails on a setting that does not exist yet. */
const STATE = `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS release,
  current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
  current_setting('synchronous_commit') AS synchronous_commit, pg_is_in_recovery() AS standby`;

interface ServerState {
  version: number;
  release: string;
  standby: boolean;
  [setting: string]: unknown;
}

/**
 * Readies a new connection, and asserts at each that the server keeps what it confirms: a fail-over can lead to another server.
 * @throws StartError when the server is too old, or not durable
 */
export async function setUpSession(client: StoreClient, session: Session): Promise<void> {
  const timer = setTimeout(() => client.cut(), SETUP_MS_MAX);
  try {
    const { rows } = await client.query<ServerState>(STATE);
    const state = rows[0];
    if (!state) throw new Error('the server did not tell its settings');
    assertUsable(state);
    const { cacheMode, seqScan, wholeTables, parallelWorkers } = PLAN_MODES[session.plans];
    const values = [
      String(IDLE_IN_TRANSACTION_MS_MAX),
      String(session.statementTimeoutMs),
      cacheMode,
      session.applicationName,
      seqScan,
      wholeTables,
      parallelWorkers,
    ];
    await client.query(SETUP, values);
  } finally {
    clearTimeout(timer);
  }
}

function assertUsable(state: ServerState): void {
  if (state.version < VERSION_MIN)
    throw new StartError(`PostgreSQL ${state.release} is too old: MaxRay needs 14 or newer.`);
  for (const [setting, values] of Object.entries(DURABLE)) {
    const value = String(state[setting]);
    if (!values.includes(value)) {
      throw new StartError(
        `PostgreSQL runs with ${setting} = ${value}, so that a confirmed write could be lost. Set ${setting} = on (check also ALTER DATABASE and ALTER ROLE settings).`,
      );
    }
  }
  if (state.standby) throw new Error('the server is a standby, which takes no writes');
}
