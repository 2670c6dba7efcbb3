import { expect, test } from '@jest/globals';
import { together } from '../../../src/store/reindex/together.ts';

function gated() {
  const runs: ReturnType<typeof Promise.withResolvers<void>>[] = [];
  const ask = together(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { runs, ask, turn };
}

test('who asks at one moment shares a run, who asks during it the next', async () => {
  const { runs, ask, turn } = gated();
  const first = [ask(), ask()];
  await turn();
  expect(runs).toHaveLength(1);
  const ended: string[] = [];
  const second = [ask(), ask()].map((asked) => asked.then(() => ended.push('second')));
  runs[0]!.resolve();
  await Promise.all(first);
  await turn();
  expect([runs.length, ended]).toEqual([2, []]);
  runs[1]!.resolve();
  await Promise.all(second);
  expect(runs).toHaveLength(2);
});

test('a run that fails fails for those who share it only', async () => {
  const { runs, ask, turn } = gated();
  const failing = [ask(), ask()].map((asked) => asked.catch((error: Error) => error.message));
  await turn();
  const next = ask();
  runs[0]!.reject(new Error('away'));
  expect(await Promise.all(failing)).toEqual(['away', 'away']);
  await turn();
  runs[1]!.resolve();
  await expect(next).resolves.toBeUndefined();
});
