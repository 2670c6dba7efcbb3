import { expect, test } from '@jest/globals';
import { Turns } from '../../../src/rest/bundle/turns.ts';

test('no more than so many at a time, in order, also after one that fails', async () => {
  const turns = new Turns(2);
  const started: number[] = [];
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const runs = gates.map((gate, i) =>
    turns.run(async () => {
      started.push(i);
      await gate.promise;
      return i;
    }),
  );
  const settled = Promise.allSettled(runs);
  const whenStarted = async (expected: number[]) => {
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual(expected);
  };
  await whenStarted([0, 1]);
  gates[1]!.reject(new Error('fails'));
  await whenStarted([0, 1, 2]);
  gates[0]!.resolve();
  gates[2]!.resolve();
  await whenStarted([0, 1, 2, 3, 4]);
  gates[3]!.resolve();
  gates[4]!.resolve();
  expect((await settled).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  expect(await turns.run(async () => 'free again')).toBe('free again');
});
