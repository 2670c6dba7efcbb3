import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { reasonOf } from '../log.ts';
import { StartError } from '../startError.ts';
import type { Account } from './account.ts';
import { cannotRun } from './cluster.ts';
import type { Layout } from './layout.ts';
import { isAlive, isNumberTaken, isPostmasterOf, processesIn } from './processes.ts';
import { logSince, logSize, rotateLog } from './serverLog.ts';
import { POSTGRES_ENVIRONMENT, postmasterArguments } from './settings.ts';
import { SOCKET_PORT, clearSocketFolder } from './socketFolder.ts';

/** How to reach the embedded database. */
export interface EmbeddedConnection {
  /** The folder of the socket. */
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** Everything that a start of the postmaster needs. */
export interface Site {
  layout: Layout;
  /** The folder with `bin/postgres`. */
  native: string;
  account: Account | undefined;
  connection: EmbeddedConnection;
}

/** A running main process of PostgreSQL. */
export interface Postmaster {
  pid: number;
  /** Resolves when it is gone, for whatever reason; rejects when it could not be run at all. */
  exited: Promise<void>;
}

/** Also covers the replay of a full log (max_wal_size) after a crash. */
const READY_MS_MAX = 600_000;
/** The children of a killed postmaster leave by themselves, usually within milliseconds. */
const LEFTOVERS_MS_MAX = 30_000;
const POLL_MS = 5;
/** Whether a process that is not our child still runs can only be asked. */
const ORPHAN_POLL_MS = 100;
const CONNECT_TIMEOUT_MS = 10_000;
/** Lines of postmaster.pid (PostgreSQL's pidfile.h), counted from 0. */
const PID_LINE = 0;
const STATUS_LINE = 7;
const SHARED_MEMORY_IN_USE = /still in use/;

/** No process has this number: what could not be run is never found, and never signalled. */
const NO_PROCESS = 2 ** 31 - 1;

type Status = 'starting' | 'ready' | 'stopping' | 'standby' | 'unknown';

/** The postmaster that already runs on this cluster, left behind by a killed server. */
export function findPostmaster(layout: Layout): Postmaster | undefined {
  const { pid } = readPidFile(layout);
  if (pid === undefined || !isPostmasterOf(pid, realpathSync(layout.cluster))) return undefined;
  return { pid, exited: exitOfOrphan(pid) };
}

/**
 * Starts the postmaster and waits until it takes connections.
 * @throws StartError with the end of its log when it does not come up
 */
export async function launchPostmaster(site: Site): Promise<Postmaster> {
  const deadline = Date.now() + LEFTOVERS_MS_MAX;
  for (;;) {
    await leftoversGone(site.layout, deadline);
    clearStaleNote(site.layout);
    const sizeBefore = startLog(site.layout.serverLog);
    const postmaster = spawnPostmaster(site);
    try {
      await waitUntilReady(site, postmaster);
      return postmaster;
    } catch (error) {
      const log = logSince(site.layout.serverLog, sizeBefore);
      if (error instanceof StartError) throw error;
      if (!SHARED_MEMORY_IN_USE.test(log) || Date.now() > deadline) {
        throw new StartError(
          `the embedded PostgreSQL did not start: ${reasonOf(error)}. The end of ${site.layout.serverLog}:\n${log}`,
          { cause: error },
        );
      }
      await sleep(ORPHAN_POLL_MS);
    }
  }
}

/**
 * Waits until the postmaster takes connections, and makes sure that it is the one of this data folder.
 * @throws Error when it ends before, or takes too long
 */
export async function waitUntilReady({ layout, connection }: Site, postmaster: Postmaster): Promise<void> {
  const deadline = Date.now() + READY_MS_MAX;
  let gone: Error | undefined;
  postmaster.exited.then(
    () => (gone = new Error(`process ${postmaster.pid} ended before it was ready`)),
    (error: Error) => (gone = error),
  );
  for (;;) {
    const { pid, status } = readPidFile(layout);
    if (pid === postmaster.pid && status === 'ready' && (await accepts(connection, layout.cluster))) return;
    if (gone) throw gone;
    if (Date.now() > deadline)
      throw new Error(`process ${postmaster.pid} is still ${status} after ${READY_MS_MAX / 1000} s`);
    await sleep(POLL_MS);
  }
}

/** One try to connect. Errors other than `not yet` and `not any more` are for the reader. */
async function accepts(connection: EmbeddedConnection, cluster: string): Promise<boolean> {
  const client = new Client({
    ...connection,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  let lost: unknown;
  client.on('error', (error) => (lost = error));
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    if (rows[0]?.data_directory && realpathSync(rows[0].data_directory) === realpathSync(cluster))
      return true;
    throw new StartError(
      `the PostgreSQL at ${connection.host} works on ${rows[0]?.data_directory}, not on ${cluster}`,
    );
  } catch (error) {
    if (isTransient(error) || lost !== undefined) return false;
    throw error;
  } finally {
    await client.end();
  }
}

const TRANSIENT_CODES = new Set(['57P01', '57P02', '57P03', 'ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

function isTransient(error: unknown): boolean {
  if (TRANSIENT_CODES.has((error as { code?: string }).code ?? '')) return true;
  return error instanceof Error && error.message.startsWith('Connection terminated');
}

/** A process group of its own: Ctrl+C in the terminal must not stop the database before the requests are drained. */
function spawnPostmaster({ layout, native, account, connection }: Site): Postmaster {
  clearSocketFolder(connection.host);
  const program = path.join(native, 'bin', 'postgres');
  const log = openSync(layout.serverLog, 'a', 0o600);
  try {
    const child = spawn(program, postmasterArguments(layout.cluster, connection.host, SOCKET_PORT), {
      cwd: '/',
      env: POSTGRES_ENVIRONMENT,
      stdio: ['ignore', log, log],
      detached: true,
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    child.unref();
    const exited = new Promise<void>((resolve, reject) => {
      child.once('exit', () => resolve());
      child.once('error', (error) => reject(cannotRun(program, error)));
    });
    return { pid: child.pid ?? NO_PROCESS, exited };
  } finally {
    closeSync(log);
  }
}

function startLog(file: string): number {
  rotateLog(file);
  return logSize(file);
}

async function leftoversGone(layout: Layout, deadline: number): Promise<void> {
  const cluster = realpathSync(layout.cluster);
  while (processesIn(cluster).length > 0) {
    if (Date.now() > deadline)
      throw new StartError(
        `processes ${processesIn(cluster).join(', ')} of an earlier PostgreSQL still work in ${cluster}. Stop them.`,
      );
    await sleep(POLL_MS);
  }
}

/**
 * PostgreSQL takes any process with the number in postmaster.pid for a postmaster: a zombie, or a stranger that got the number.
 * Where no process has it, the note stays: PostgreSQL then checks the shared memory that it names.
 */
function clearStaleNote(layout: Layout): void {
  const { pid } = readPidFile(layout);
  if (pid !== undefined && isNumberTaken(pid)) rmSync(pidFileOf(layout), { force: true });
}

async function exitOfOrphan(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(ORPHAN_POLL_MS, undefined, { ref: false });
}

const pidFileOf = (layout: Layout): string => path.join(layout.cluster, 'postmaster.pid');

function readPidFile(layout: Layout): { pid: number | undefined; status: Status } {
  let lines: string[];
  try {
    lines = readFileSync(pidFileOf(layout), 'utf8').split('\n');
  } catch {
    return { pid: undefined, status: 'unknown' };
  }
  const pid = Number.parseInt(lines[PID_LINE] ?? '', 10);
  const status = (lines[STATUS_LINE]?.trim() || 'unknown') as Status;
  return { pid: pid > 0 ? pid : undefined, status };
}
