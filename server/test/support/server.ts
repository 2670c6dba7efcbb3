import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ClientConfig } from 'pg';
import { pino } from 'pino';
import { readConfig, type Config } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/main.ts';
import { testConnection } from './postgres.ts';

/** One folder for all test servers of a machine: the compiled definitions in it are made once. */
const SHARED_DATA_DIR = path.join(os.tmpdir(), 'maxray-test-data');

/**
 * A real server in this process, on a free port and an empty schema of the test run's PostgreSQL.
 *
 * @param overrides settings that differ from the test's defaults
 */
export async function startTestServer(overrides: Partial<Config> = {}): Promise<RunningServer> {
  fs.mkdirSync(SHARED_DATA_DIR, { recursive: true });
  const config: Config = {
    ...readConfig({}),
    port: 0,
    databaseUrl: urlOf(await testConnection()),
    databaseSchema: `test_${randomUUID().replaceAll('-', '')}`,
    dataDir: SHARED_DATA_DIR,
    demo: false,
    ...overrides,
  };
  const log = pino({ level: process.env.MAXRAY_TEST_LOG ?? 'error' }, pino.destination(2));
  return startServer(config, log, () => undefined);
}

/** A connection as DATABASE_URL has it. */
export function urlOf(connection: string | ClientConfig): string {
  if (typeof connection === 'string') return connection;
  const { user, password, host, port, database } = connection;
  const secret = encodeURIComponent(String(password));
  return `postgresql://${user}:${secret}@${encodeURIComponent(host!)}:${port}/${database}`;
}
