import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 25;
/** A guard against hanging, not a measure. */
const WAIT_MS_MAX = 120_000;

/**
 * Looks again and again until what it sees is right.
 *
 * @param isRight absent: anything but undefined is
 * @returns what it has seen then
 * @throws when it is not right for too long
 */
export async function until<T>(
  look: () => Promise<T>,
  isRight: (seen: T) => boolean | Promise<boolean> = (seen) => seen !== undefined,
): Promise<Exclude<T, undefined>> {
  const deadlineMs = Date.now() + WAIT_MS_MAX;
  for (let seen = await look(); ; seen = await look()) {
    if (await isRight(seen)) return seen as Exclude<T, undefined>;
    if (Date.now() > deadlineMs) {
      throw new Error(`What was waited for did not come; it is ${JSON.stringify(seen)}`);
    }
    await sleep(PAUSE_MS);
  }
}
