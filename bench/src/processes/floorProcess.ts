import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FloorName } from '../floors/floors.ts';
import type { Target } from './target.ts';

const FLOOR_ENTRY = fileURLToPath(new URL('../floors/main.ts', import.meta.url));

/** Starts a floor in a process of its own, with the same Node that the server gets. */
export const startFloor = async (floor: FloorName, variant: string, databaseUrl: string): Promise<Target> => {
  const child = fork(FLOOR_ENTRY, [floor, variant], { env: { ...process.env, DATABASE_URL: databaseUrl } });
  const message = once(child, 'message').then(([told]) => told as { port: number });
  const exited = once(child, 'exit');
  const told = await Promise.race([message, exited.then(() => undefined)]);
  if (!told) throw new Error(`the floor ${floor} (${variant}) did not start`);
  return {
    pid: child.pid as number,
    port: told.port,
    stop: async () => {
      if (child.exitCode === null && !child.signalCode) child.kill('SIGTERM');
      await exited;
    },
  };
};
