import { describe, expect, test } from '@jest/globals';
import { createPool } from '../../../src/cli/load/pool.ts';
import { emptyTally, progressLine, showProgress } from '../../../src/cli/load/progress.ts';

const tally = {
  ...emptyTally(),
  bytesDone: 30,
  bytesInAll: 40,
  filesDone: 1500,
  resources: 61958,
  errors: 2,
};

describe('progress', () => {
  test('tells files, resources, their rate and errors', () => {
    expect(progressLine(tally, 10)).toBe('75 %, 1,500 files, 61,958 resources, 6,196 resources/s, 2 errors');
    expect(progressLine(emptyTally(), 0)).toBe('100 %, 0 files, 0 resources, 0 resources/s, 0 errors');
  });

  test.each([
    [true, /^\r\u001b\[2K\[#{18}\.{6}\] 75 %/],
    [false, /^75 %.*\n$/],
  ])('on a terminal (%p) is a bar, elsewhere lines', async (isTTY, expected) => {
    let stop = () => {};
    const written = await new Promise<string>((resolve) => {
      ({ stop } = showProgress(tally, { write: resolve, isTTY, columns: 100 }));
    });
    stop();
    expect(written).toMatch(expected);
  });
});

describe('the pool', () => {
  /** A task that ends when it is told to. */
  const manual = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { task: () => promise, end: resolve };
  };

  test('runs no more tasks at a time than allowed, and waits for all', async () => {
    const pool = createPool(2, 1000);
    let [running, most] = [0, 0];
    const task = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
    };
    for (let count = 0; count < 9; count++) await pool.start(1, task);
    await pool.idle();
    expect([running, most]).toEqual([0, 2]);
  });

  test('starts nothing beyond its bytes, but a larger task by itself', async () => {
    const pool = createPool(4, 100);
    const [first, second] = [manual(), manual()];
    await pool.start(60, first.task);
    let started = false;
    const waiting = pool.start(150, second.task).then(() => (started = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(started).toBe(false);
    first.end();
    await waiting;
    second.end();
    await pool.idle();
    expect(started).toBe(true);
  });
});
