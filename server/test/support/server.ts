import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ClientConfig } from 'pg';
import { pino } from 'pino';
import request from 'supertest';
import { readConfig, type Config } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/main.ts';
import { ADMINISTRATOR, clientAuthorization } from './administrator.ts';
import { SEARCH_MS_MAX, testConnection } from './postgres.ts';

/** One folder for all test servers of a machine: the compiled definitions in it are made once. */
export const SHARED_DATA_DIR = path.join(os.tmpdir(), 'maxray-test-data');

/** A data folder of a test's own, which is removed by who has made it; the compiled definitions are those of all. */
export function makeDataDir(): string {
  const cache = path.join(SHARED_DATA_DIR, 'cache');
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'maxray-data-'));
  fs.mkdirSync(cache, { recursive: true });
  fs.symlinkSync(cache, path.join(dataDir, 'cache'));
  return dataDir;
}

/** A server, and what a client that may do everything sends to it. */
export interface TestServer extends RunningServer {
  /** Value of the header Authorization. */
  authorization: string;
  /** supertest on the FHIR base, signed in. */
  api(): ReturnType<typeof request.agent>;
}

/**
 * A real server in this process, on a free port and an empty schema of the test run's PostgreSQL.
 *
 * @param overrides settings that differ from the test's defaults
 */
export async function startTestServer(overrides: Partial<Config> = {}): Promise<TestServer> {
  fs.mkdirSync(SHARED_DATA_DIR, { recursive: true });
  const config: Config = {
    ...readConfig({}),
    port: 0,
    databaseUrl: urlOf(await testConnection()),
    databaseSchema: `test_${randomUUID().replaceAll('-', '')}`,
    dataDir: SHARED_DATA_DIR,
    demo: false,
    roles: false,
    dicom: 'off',
    searchTimeoutMs: SEARCH_MS_MAX,
    adminClientId: ADMINISTRATOR.id,
    adminClientSecret: ADMINISTRATOR.secret,
    ...overrides,
  };
  const log = pino({ level: process.env.MAXRAY_TEST_LOG ?? 'error' }, pino.destination(2));
  const server = await startServer(config, log, () => undefined);
  const authorization = await clientAuthorization(server.url, ADMINISTRATOR);
  return {
    ...server,
    authorization,
    api: () => request.agent(`${server.url}/fhir/R4`).set('Authorization', authorization),
  };
}

/** A connection as DATABASE_URL has it. */
export function urlOf(connection: string | ClientConfig): string {
  if (typeof connection === 'string') return connection;
  const { user, password, host, port, database } = connection;
  const secret = encodeURIComponent(String(password));
  return `postgresql://${user}:${secret}@${encodeURIComponent(host!)}:${port}/${database}`;
}
