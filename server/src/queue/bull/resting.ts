import type { IQueueBackend } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';

const REST_MS = 1_000;

/**
 * Has a worker rest after it failed to get a job. BullMQ's worker asks again at once after every error but a refused connection: a database that is starting, or a
 * right that is missing, would take a whole processor, and an error that needs no answer from elsewhere would never let anything else run.
 */
export function resting<B extends IQueueBackend>(
  backend: B,
  rest: (signal: AbortSignal) => Promise<unknown> = (signal) =>
    sleep(REST_MS, undefined, { signal, ref: false }),
): B {
  const { moveToActive, waitForJob, disconnectBlocking } = backend;
  let ending = new AbortController();
  const afterRest = async (error: unknown): Promise<never> => {
    await rest(ending.signal).catch(() => undefined); // its end comes first
    throw error;
  };
  backend.moveToActive = (...args) => moveToActive.apply(backend, args).catch(afterRest);
  backend.waitForJob = (...args) => waitForJob.apply(backend, args).catch(afterRest);
  backend.disconnectBlocking = async (...args) => {
    ending.abort();
    ending = new AbortController();
    await disconnectBlocking.apply(backend, args);
  };
  return backend;
}
