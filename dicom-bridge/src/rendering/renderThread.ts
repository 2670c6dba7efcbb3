import { parentPort } from 'node:worker_threads';
import { loadCodecs } from './codecs.ts';
import { doTask } from './renderFrame.ts';
import type { Outcome, Task } from './renderTask.ts';

/** The thread that decodes and renders: one task after the other. */
await loadCodecs();
parentPort?.on('message', (task: Task) => parentPort?.postMessage(outcomeOf(task)));

function outcomeOf(task: Task): Outcome {
  try {
    return { bytes: doTask(task) };
  } catch (error) {
    return { fault: error instanceof RangeError ? error.message : 'Its frame cannot be decoded.' };
  }
}
