import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ClientConfig } from 'pg';
import { grantRunningRole } from '../store/audit/runningRole.ts';
import { openDatabase, type Database, type DatabaseOptions } from '../store/postgres/database.ts';
import { layoutOf } from '../store/postgres/embedded/layout.ts';
import { makePassword, readPassword } from '../store/postgres/embedded/password.ts';
import { makeQueueSchema } from '../store/postgres/queueSchema.ts';

/** The role that runs the server on the embedded PostgreSQL. */
export const RUNNING_ROLE = 'maxray_server';

export interface RunnerOptions extends DatabaseOptions {
  /** Of the superuser. */
  connection: ClientConfig;
  store: string;
  dataDir: string;
  /** Migrates, as the superuser. */
  prepare: (admin: Database) => Promise<void>;
  role?: string;
}

/**
 * Opens the embedded PostgreSQL for running a server: what needs a superuser is done first, on connections of its own. After that
 * the server has no right to change its audit log.
 */
export async function openAsRunner(
  options: RunnerOptions,
): Promise<{ database: Database; connection: ClientConfig }> {
  const { connection, store, dataDir, prepare, role = RUNNING_ROLE, ...others } = options;
  const file = path.join(layoutOf(dataDir).root, 'running-password');
  const password = existsSync(file) ? readPassword(file) : makePassword(file);
  const few = { readConnections: 1, writeConnections: 1, quickConnections: 1, transactionConnectionsMax: 1 };
  const admin = await openDatabase({ ...others, ...few, connection });
  try {
    await prepare(admin);
    await grantRunningRole(admin, store, role, password);
    await makeQueueSchema(admin, store, role);
  } finally {
    await admin.close();
  }
  const running = { ...connection, user: role, password };
  return { database: await openDatabase({ ...others, connection: running }), connection: running };
}
