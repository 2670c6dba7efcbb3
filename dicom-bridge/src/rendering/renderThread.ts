import { parentPort } from 'node:worker_threads';
import { loadCodecs } from './codecs.ts';
import { NotShownError } from './notShown.ts';
import { doTask } from './renderFrame.ts';
import type { Outcome, Task } from './renderTask.ts';

/** The thread that decodes and renders: one task after the other. */
await loadCodecs();
parentPort?.on(
  'message',
  (task: Task) => void outcomeOf(task).then((outcome) => parentPort?.postMessage(outcome)),
);

async function outcomeOf(task: Task): Promise<Outcome> {
  try {
    return { bytes: doTask(task) };
  } catch (error) {
    if (error instanceof NotShownError) return { fault: error.message };
    await loadCodecs(); // what a decoder had on its stack when it failed stays there: after some thirty times, all of them fail
    return { fault: 'Its frame cannot be decoded.' };
  }
}
