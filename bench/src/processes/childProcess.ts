import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_TIMEOUT_MS = 20_000;

/** It does not outlive the benchmark, however that ends. */
export const endWithParent = (child: ChildProcess): void => {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
};

/** @param name for the error. @throws when it had to be killed */
export const stopChild = async (child: ChildProcess, name: string): Promise<void> => {
  if (child.exitCode !== null || child.signalCode) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const gone = await Promise.race([exited.then(() => true), sleep(STOP_TIMEOUT_MS, false, { ref: false })]);
  if (gone) return;
  child.kill('SIGKILL');
  await exited;
  throw new Error(`${name} did not stop within ${STOP_TIMEOUT_MS} ms of SIGTERM`);
};
