import { expect, test } from '@jest/globals';
import { Pauses } from '../../src/background/pauses.ts';

/** No test lasts as long: a pause of it ends because it was cut short. */
const LONG_MS = 3_600_000;

test('whoever wakes a worker ends its pause', async () => {
  const pauses = new Pauses();
  const pause = pauses.pause(LONG_MS);
  pauses.wake();
  expect(await pause).toBe(true);
});

test('who was woken beforehand does not pause, once', async () => {
  const pauses = new Pauses();
  pauses.wake();
  expect(await pauses.pause(LONG_MS)).toBe(true);
  expect(await pauses.pause(1)).toBe(false);
});

test('waking ends no rest, but the pause behind it', async () => {
  const pauses = new Pauses();
  let isOver = false;
  const rest = pauses.rest(LONG_MS).then(() => (isOver = true));
  pauses.wake();
  expect(await pauses.pause(LONG_MS)).toBe(true);
  expect(isOver).toBe(false);
  pauses.stop();
  expect(await rest).toBe(true);
});

test('the end of a worker ends its pause, and all that follow', async () => {
  const pauses = new Pauses();
  const pause = pauses.pause(LONG_MS);
  pauses.stop();
  expect(await pause).toBe(false);
  expect(await pauses.pause(LONG_MS)).toBe(false);
  await pauses.rest(LONG_MS);
  expect(pauses.stopped).toBe(true);
  expect(pauses.stopping.aborted).toBe(true);
});
