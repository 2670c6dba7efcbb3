import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { layoutOf } from '../../src/store/postgres/embedded/layout.ts';
import { ADMINISTRATOR_ENV } from './administrator.ts';
import { removeFolder } from './removeFolder.ts';
import { findPostmaster, type Postmaster } from '../../src/store/postgres/embedded/postmaster.ts';

const CHECKOUT = path.resolve(import.meta.dirname, '../../..');
export const SERVER_SCRIPT = path.join(CHECKOUT, 'server/src/main.ts');
export const CLI_SCRIPT = path.join(CHECKOUT, 'server/src/cli/main.ts');
/** A guard against hanging, not a measure. */
const HANG_MS_MAX = 240_000;
const READY_LINE = /MaxRay is ready at (\S+)\/fhir\/R4 after ([\d.]+) s/;

export interface ProgramOptions {
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of ours, as a person at the terminal sees it. */
export interface Program {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  exited: Promise<Exit>;
  /** Resolves with the part of standard output that matches; rejects when the process ends without it. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Root URL, once it is ready. */
  ready(): Promise<string>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Exit>;
}

/** The variables that a test chose, and none of the developer's own. */
function environment(env: Record<string, string>): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH ?? '',
    HOST: '127.0.0.1',
    PORT: '0',
    MAXRAY_DEMO: 'false',
    MAXRAY_ROLES: 'false',
    DICOM: 'off',
    ...ADMINISTRATOR_ENV,
    ...env,
  };
}

/** Runs one of our programs with the Node that runs the test. */
export function startProgram(script: string, args: string[], options: ProgramOptions): Program {
  return run(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], options);
}

function run(program: string, args: string[], options: ProgramOptions): Program {
  const { env = {}, ...account } = options;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: environment(env),
    ...account,
  });
  const texts = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      listeners.forEach((listener) => listener());
    });
  }
  let over = false;
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      over = true;
      resolve({ code, signal });
      listeners.forEach((listener) => listener());
    });
  });
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const fail = (what: string) =>
        finish(() => reject(new Error(`${what}\n${texts.stdout}\n${texts.stderr}`)));
      const timer = setTimeout(() => fail(`the program did not say ${pattern} in time:`), HANG_MS_MAX);
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        listeners.delete(look);
        settle();
      };
      const look = () => {
        const found = pattern.exec(texts.stdout);
        if (found) finish(() => resolve(found));
        else if (over) fail(`the program ended without saying ${pattern}:`);
      };
      listeners.add(look);
      look();
    });
  return {
    child,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    exited,
    says,
    ready: async () => (await says(READY_LINE))[1]!,
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

/** The server's own figure for its start, in seconds. */
export const startSeconds = (program: Program): number => Number(READY_LINE.exec(program.stdout())?.[2]);

/** Data folders and programs of a test file; in the end nothing of them is left, whatever the tests did. */
export function workshop() {
  const folders: string[] = [];
  const programs: Program[] = [];
  const started = (program: Program): Program => {
    programs.push(program);
    return program;
  };
  const tool = (args: string[], dataDir: string, options: ProgramOptions = {}): Program =>
    started(
      startProgram(CLI_SCRIPT, args, { ...options, env: { MAXRAY_DATA_DIR: dataDir, ...options.env } }),
    );
  return {
    /** A folder that is not there yet, in a temporary one that all may enter. */
    dataDir(): string {
      const folder = mkdtempSync(path.join(tmpdir(), 'maxray-program-'));
      chmodSync(folder, 0o711);
      folders.push(folder);
      return path.join(folder, 'data');
    },
    server: (dataDir: string, options: ProgramOptions = {}): Program =>
      started(
        startProgram(SERVER_SCRIPT, [], { ...options, env: { MAXRAY_DATA_DIR: dataDir, ...options.env } }),
      ),
    /** The command that README names. */
    npmStart: (dataDir: string): Program =>
      started(
        run('npm', ['--prefix', CHECKOUT, 'start'], {
          env: { MAXRAY_DATA_DIR: dataDir, MAXRAY_ADMIN_CLIENT_ID: '', MAXRAY_ADMIN_CLIENT_SECRET: '' },
        }),
      ),
    /** Another of our commands. */
    tool,
    verify: (dataDir: string, options: ProgramOptions = {}): Program => tool(['verify'], dataDir, options),
    reindex: (args: string[], dataDir: string, options: ProgramOptions = {}): Program =>
      tool(['reindex', ...args], dataDir, options),
    async cleanUp(): Promise<void> {
      await Promise.all(programs.map((program) => program.end('SIGKILL')));
      for (const folder of folders) {
        const postmaster = postmasterOf(path.join(folder, 'data'));
        if (postmaster) process.kill(postmaster.pid, 'SIGKILL');
        await postmaster?.exited;
        removeFolder(folder);
      }
    },
  };
}

/** The embedded PostgreSQL that runs on a data folder, if any. */
export function postmasterOf(dataDir: string): Postmaster | undefined {
  try {
    return findPostmaster(layoutOf(dataDir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // no cluster yet
    throw error;
  }
}

/** A port that nobody used a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + HANG_MS_MAX;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it never happened that ${what}`);
    await sleep(20);
  }
}

/** The processes of PostgreSQL that serve our connections (Linux). */
export function sessionsOf(postmasterPid: number): number[] {
  const children = readFileSync(`/proc/${postmasterPid}/task/${postmasterPid}/children`, 'utf8');
  return children
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('[local]'));
}
