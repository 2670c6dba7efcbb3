import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
const TIMEOUT_MS = 300_000;

/** Asks until it is so. @param what for the error when it takes too long */
export const until = async (isSo: () => Promise<boolean>, what: string): Promise<void> => {
  const deadlineMs = performance.now() + TIMEOUT_MS;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`it took too long until ${what}`);
    await sleep(POLL_MS);
  }
};
