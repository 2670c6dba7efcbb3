import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { BIN_FOLDER, isInstalled } from '../../../scripts/services/postgresql15.mjs';
import { postgresAccount } from '../../src/store/postgres/embedded/account.ts';

export interface DebianPostgres {
  connection: ClientConfig;
  /** The same as a URL, the way DATABASE_URL has it. */
  url: string;
  stop(): Promise<void>;
}

const PORT = 5432;
const USER = 'clinic';
const PASSWORD = 'for-tests-only';
const START_MS_MAX = 120_000;

/** True when PostgreSQL 15 is there; otherwise says on the console what is left out, or fails where CI is set. */
export function hasDebianPostgres(whatSkips: string): boolean {
  if (isInstalled()) return true;
  const message = `PostgreSQL 15 is not installed (${BIN_FOLDER}): ${whatSkips} skipped. As root on Debian: node scripts/ensure-services.mjs`;
  if (process.env.CI) throw new Error(message);
  console.error(message);
  return false;
}

/** A PostgreSQL 15 of Debian on a temporary folder, as an operator would bring it; `settings` as in postgresql.conf. */
export async function startDebianPostgres(settings: Record<string, string> = {}): Promise<DebianPostgres> {
  const account = postgresAccount();
  const folder = mkdtempSync(path.join(tmpdir(), 'maxray-pg15-'));
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  for (const file of [folder, passwordFile]) if (account) chownSync(file, account.uid, account.gid);
  chmodSync(folder, 0o700);
  const data = path.join(folder, 'data');
  const options = {
    stdio: 'ignore' as const,
    cwd: '/',
    ...(account && { uid: account.uid, gid: account.gid }),
  };
  const initdb = spawn(
    `${BIN_FOLDER}/initdb`,
    ['-D', data, '-U', USER, '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8', '--no-sync'],
    options,
  );
  if ((await exitOf(initdb)) !== 0) throw new Error('initdb of PostgreSQL 15 failed');
  const all = { listen_addresses: '', unix_socket_directories: folder, port: String(PORT), ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(`${BIN_FOLDER}/postgres`, ['-D', data, ...args], options);
  const connection = { host: folder, port: PORT, user: USER, password: PASSWORD, database: 'postgres' };
  await accepting(connection);
  return {
    connection,
    url: `postgresql://${USER}:${PASSWORD}@${encodeURIComponent(folder)}:${PORT}/postgres`,
    stop: async () => {
      server.kill('SIGINT');
      await exitOf(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
}

async function accepting(connection: ClientConfig): Promise<void> {
  const deadline = Date.now() + START_MS_MAX;
  for (;;) {
    const client = new Client(connection);
    try {
      await client.connect();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(20);
    } finally {
      await client.end();
    }
  }
}
