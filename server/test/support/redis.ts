import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROGRAM, isInstalled } from '../../../scripts/services/redis.mjs';

export interface TestRedis {
  /** As REDIS_URL has it. */
  url: string;
  stop(): Promise<void>;
}

const START_MS_MAX = 120_000;

/** True when Redis is there; otherwise says on the console what is left out, or fails where CI is set. */
export function hasRedis(whatSkips: string): boolean {
  if (isInstalled()) return true;
  const message = `Redis is not installed (${PROGRAM}): ${whatSkips} skipped. As root on Debian: node scripts/ensure-services.mjs`;
  if (process.env.CI) throw new Error(message);
  console.error(message);
  return false;
}

/** A Redis of its own on a free port, without anything on the disk. @param port of one that was stopped, to start it again */
export async function startRedis(port?: number): Promise<TestRedis & { port: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'maxray-redis-'));
  const own = port ?? (await freePort());
  const args = ['--port', String(own), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(PROGRAM, [...args, '--dir', folder], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await accepting(own);
  return {
    url: `redis://127.0.0.1:${own}`,
    port: own,
    stop: async () => {
      server.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function accepting(port: number): Promise<void> {
  const untilMs = Date.now() + START_MS_MAX;
  const tries = () =>
    new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => socket.destroy());
      socket.once('connect', () => socket.destroy());
    });
  while (!(await tries())) {
    if (Date.now() > untilMs) throw new Error(`Redis does not accept connections on port ${port}`);
    await sleep(50);
  }
}
