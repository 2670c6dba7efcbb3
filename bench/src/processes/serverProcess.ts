import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync, closeSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { REPOSITORY } from '../paths.ts';
import { endWithParent, stopChild } from './childProcess.ts';
import { freePort } from './freePort.ts';
import { signIn, type ClientCredentials } from './signIn.ts';
import { LOOPBACK, type Target } from './target.ts';

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 100;
const LOG_TAIL_CHARS = 3_000;
const SECRET_BYTES = 32;

export interface ServerOptions {
  /** The server's entry, server/src/main.ts of this or another checkout. */
  entry: string;
  databaseUrl: string;
  dataFolder: string;
  /** Takes what the server prints. */
  logFile: string;
  /** Further arguments of Node itself, such as --cpu-prof. */
  nodeArguments?: readonly string[];
  /** Further variables of its environment, such as those of a DICOM bridge, which it has none of otherwise. */
  environment?: Readonly<Record<string, string>>;
}

const isReady = async (port: number): Promise<boolean> => {
  try {
    return (await fetch(`http://${LOOPBACK}:${port}/readyz`)).ok;
  } catch {
    // Nobody listens yet; the caller asks again until its time is up.
    return false;
  }
};

const waitUntilReady = async (child: ChildProcess, port: number, logFile: string): Promise<void> => {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady(port))) {
    if (child.exitCode !== null || child.signalCode || performance.now() > deadlineMs) {
      child.kill('SIGKILL');
      throw new Error(
        `the server did not get ready; it said:\n${readFileSync(logFile, 'utf8').slice(-LOG_TAIL_CHARS)}`,
      );
    }
    await sleep(READY_POLL_MS);
  }
};

/** The flags of Node itself that `npm start` gives: `node FLAGS server/src/main.ts`. */
const startFlags = (): string[] => {
  const { scripts } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ').slice(1, -1);
};

/** Of this run alone: the one who loads and measures. */
const newAdministrator = (): ClientCredentials => ({
  id: 'bench-administrator',
  secret: randomBytes(SECRET_BYTES).toString('base64url'),
});

/** Starts the server as its users do, on a free port, waits until /readyz says so, and signs in as its administrator. */
export const startServer = async (options: ServerOptions): Promise<Target> => {
  const port = await freePort();
  const administrator = newAdministrator();
  const log = openSync(options.logFile, 'w');
  const child = spawn(process.execPath, [...startFlags(), ...(options.nodeArguments ?? []), options.entry], {
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      PORT: String(port),
      DATABASE_URL: options.databaseUrl,
      MAXRAY_DATA_DIR: options.dataFolder,
      MAXRAY_DEMO: 'false',
      MAXRAY_ROLES: 'false',
      DICOM: 'off',
      MAXRAY_ADMIN_CLIENT_ID: administrator.id,
      MAXRAY_ADMIN_CLIENT_SECRET: administrator.secret,
      ...options.environment,
    },
  });
  closeSync(log);
  endWithParent(child);
  await waitUntilReady(child, port, options.logFile);
  const target = { pid: child.pid as number, port, stop: () => stopChild(child, 'the server') };
  try {
    const authorization = await signIn(port, administrator);
    return { ...target, ...(authorization !== undefined && { authorization }) };
  } catch (error) {
    await target.stop();
    throw error;
  }
};
