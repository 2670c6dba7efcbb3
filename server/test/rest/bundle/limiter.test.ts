import { expect, test } from '@jest/globals';
import { availableParallelism } from 'node:os';
import { BundleLimiter } from '../../../src/rest/bundle/limiter.ts';

const AT_ONCE = availableParallelism() + 1;
const MEBIBYTE = 2 ** 20;

/** Work that goes on until it is told to end. */
function works() {
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const work = (n: number) => () => {
    started.push(n);
    return new Promise<number>((resolve) => ends.push(() => resolve(n)));
  };
  return { started, ends, work };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a few bundles go through at a time, the rest in order', async () => {
  const limiter = new BundleLimiter();
  const { started, ends, work } = works();
  const all = Array.from({ length: AT_ONCE + 2 }, (_, n) => limiter.run(1, work(n)));
  await turn();
  expect(started).toEqual(Array.from({ length: AT_ONCE }, (_, n) => n));
  for (let n = 0; n < all.length; n++) {
    ends[n]!();
    await turn();
  }
  expect(await Promise.all(all)).toEqual(Array.from(all, (_, n) => n));
});

test('what waits has a limit, which those that went on no longer count against', async () => {
  const limiter = new BundleLimiter();
  const { ends, work } = works();
  const running = Array.from({ length: AT_ONCE }, (_, n) => limiter.run(1, work(n)));
  const waiting = [60, 60, 60, 60].map((size, n) => limiter.run(size * MEBIBYTE, work(AT_ONCE + n)));
  await expect(limiter.run(60 * MEBIBYTE, work(-1))).rejects.toMatchObject({ category: 'busy' });
  ends[0]!();
  await turn();
  const next = limiter.run(60 * MEBIBYTE, work(AT_ONCE + waiting.length));
  for (let n = 1; n < AT_ONCE + waiting.length + 1; n++) {
    ends[n]!();
    await turn();
  }
  expect(await Promise.all([...running, ...waiting, next])).toHaveLength(AT_ONCE + waiting.length + 1);
});

test('large ones go through fewer at a time, and one that is larger than all of that alone', async () => {
  const limiter = new BundleLimiter();
  const { started, ends, work } = works();
  const all = [100, 29, 1, 200, 1].map((size, n) => limiter.run(size * MEBIBYTE, work(n)));
  const steps: number[][] = [];
  for (let n = 0; n < all.length; n++) {
    await turn();
    steps.push([...started]);
    ends[n]!();
  }
  expect(steps).toEqual([[0], [0, 1, 2], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4]]);
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
});
