import { expect, test } from '@jest/globals';
import { Batcher } from '../../src/store/batcher.ts';

/** A batcher whose batches end when told to. */
function controlled(options: {
  itemsMax: number;
  inFlightMax: number;
  keyOf?: (item: string) => string;
  weightOf?: (item: string) => number;
  weightMax?: number;
}) {
  const batches: { items: string[]; end: (results?: string[]) => void; fail: (error: Error) => void }[] = [];
  const batcher = new Batcher<string, string>(
    (items) =>
      new Promise((resolve, reject) => {
        batches.push({
          items,
          end: (results = items.map((i) => i.toUpperCase())) => resolve(results),
          fail: reject,
        });
      }),
    options,
  );
  return { batcher, batches };
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('what arrives in one turn shares a batch, answers keep their order', async () => {
  const { batcher, batches } = controlled({ itemsMax: 10, inFlightMax: 1 });
  const results = Promise.all(['a', 'b', 'c'].map((item) => batcher.submit(item)));
  await turn();
  expect(batches.map((batch) => batch.items)).toEqual([['a', 'b', 'c']]);
  batches[0]!.end();
  expect(await results).toEqual(['A', 'B', 'C']);
});

test('what arrives while a batch is under way becomes the next', async () => {
  const { batcher, batches } = controlled({ itemsMax: 2, inFlightMax: 1 });
  const results = Promise.all(['a', 'b', 'c'].map((item) => batcher.submit(item)));
  await turn();
  expect(batches).toHaveLength(1);
  batches[0]!.end();
  await turn();
  expect(batches[1]!.items).toEqual(['c']);
  batches[1]!.end();
  expect(await results).toEqual(['A', 'B', 'C']);
});

test('equal keys never share a batch and keep their order', async () => {
  const { batcher, batches } = controlled({ itemsMax: 10, inFlightMax: 1, keyOf: (item) => item[0]! });
  const order: string[] = [];
  const all = Promise.all(
    ['x1', 'x2', 'y1', 'x3'].map((item) => batcher.submit(item).then(() => order.push(item))),
  );
  for (let i = 0; i < 3; i++) {
    await turn();
    batches[i]!.end();
  }
  await all;
  expect(batches.map((batch) => batch.items)).toEqual([['x1', 'y1'], ['x2'], ['x3']]);
  expect(order.filter((item) => item.startsWith('x'))).toEqual(['x1', 'x2', 'x3']);
});

test('a failed batch rejects its own items only', async () => {
  const { batcher, batches } = controlled({ itemsMax: 1, inFlightMax: 2 });
  const results = Promise.allSettled(['a', 'b'].map((item) => batcher.submit(item)));
  await turn();
  batches[0]!.fail(new Error('no'));
  await turn();
  batches[1]!.end();
  expect((await results).map((result) => result.status)).toEqual(['rejected', 'fulfilled']);
});

test('a batch holds no more than its weight; what is heavier goes alone, and is not overtaken', async () => {
  const { batcher, batches } = controlled({
    itemsMax: 10,
    inFlightMax: 1,
    weightOf: (item) => item.length,
    weightMax: 5,
  });
  const results = Promise.all(['aa', 'bbb', 'c', 'dddddddd', 'e'].map((item) => batcher.submit(item)));
  for (let i = 0; i < 4; i++) {
    await turn();
    batches[i]!.end();
  }
  expect(await results).toEqual(['AA', 'BBB', 'C', 'DDDDDDDD', 'E']);
  expect(batches.map((batch) => batch.items)).toEqual([['aa', 'bbb'], ['c'], ['dddddddd'], ['e']]);
});
