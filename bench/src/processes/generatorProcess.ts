import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, JobMessage, LoadResult } from '../generator/job.ts';

const GENERATOR_ENTRY = fileURLToPath(new URL('../generator/main.ts', import.meta.url));

/** Runs one job in a load generator of its own; `onPhase` is called as its measured window begins and ends. */
export const runGenerator = (job: Job, onPhase: (kind: 'begin' | 'end') => void): Promise<LoadResult> =>
  new Promise((resolve, reject) => {
    const child = fork(GENERATOR_ENTRY);
    let result: LoadResult | undefined;
    child.on('message', (message: JobMessage) => {
      if (message.kind === 'result') result = message.result;
      else onPhase(message.kind);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      result ? resolve(result) : reject(new Error(`the load generator ended with code ${code}`)),
    );
    child.send(job);
  });
