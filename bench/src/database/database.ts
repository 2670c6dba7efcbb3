import pg from 'pg';
import { parentOf } from '../measure/proc.ts';
import { assertDurable } from './durable.ts';
import { withDatabase } from './url.ts';

/** The benchmark's own databases: whatever else is on that PostgreSQL stays as it is. */
export const DATABASES = {
  usual: 'maxray_bench',
  small: 'maxray_bench_small',
  large: 'maxray_bench_large',
  import: 'maxray_bench_import',
  terminology: 'maxray_bench_terminology',
  crowded: 'maxray_bench_crowded',
  told: 'maxray_bench_told',
  imaging: 'maxray_bench_imaging',
} as const;

export interface BenchDatabase {
  url: string;
  version: string;
  /** The postmaster, whose tree's processor time is PostgreSQL's. */
  pid: number;
  client: pg.Client;
  close(): Promise<void>;
}

const ensureDatabase = async (adminUrl: string, name: string, keep: boolean): Promise<void> => {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount && keep) return;
    await admin.query(`DROP DATABASE IF EXISTS ${admin.escapeIdentifier(name)} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8'`);
  } finally {
    await admin.end();
  }
};

/** Opens a database of the benchmark on a PostgreSQL of this machine: empty, or with `keep` as the last run left it. */
export const openDatabase = async (adminUrl: string, keep: boolean, name: string): Promise<BenchDatabase> => {
  await ensureDatabase(adminUrl, name, keep);
  const url = withDatabase(adminUrl, name);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await assertDurable(client);
  const { rows } = await client.query<{ version: string; pid: number }>(
    `SELECT current_setting('server_version') AS version, pg_backend_pid() AS pid`,
  );
  const { version, pid } = rows[0] as { version: string; pid: number };
  return { url, version, pid: parentOf(pid), client, close: () => client.end() };
};

/** Of the PostgreSQL behind a URL. */
export const versionOf = async (url: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string }>(
      `SELECT current_setting('server_version') AS version`,
    );
    return rows[0]!.version;
  } finally {
    await client.end();
  }
};

/** Where the write-ahead log ends now, in bytes since its beginning. */
export const walPosition = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ bytes: number }>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS bytes`,
  );
  return rows[0]?.bytes ?? NaN;
};
