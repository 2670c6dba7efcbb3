import { expect, test } from '@jest/globals';
import type { NotifiedEvent } from '../../src/events/notifications/bundle.ts';
import { toldEvents } from '../../src/events/notifications/toldEvents.ts';
import type { Delivery } from '../../src/records/events/eventRecords.ts';

/** The numbers that are told, and of how many events the content was looked at. */
async function toldOf(sizes: readonly number[], charsMax: number, along = 0) {
  const deliveries = sizes.map((_size, at) => ({ number: at + 1 }) as Delivery);
  let looked = 0;
  const events = await toldEvents(
    deliveries,
    (some) => {
      looked += some.length;
      const text = (size: number) => ({ content: 'x'.repeat(size) });
      return Promise.resolve(
        some.map((delivery) => {
          const told = text(sizes[delivery.number - 1]!);
          return { delivery, told, along: along === 0 ? [] : [text(along)] } as unknown as NotifiedEvent;
        }),
      );
    },
    charsMax,
  );
  return { numbers: events.map(({ delivery }) => delivery.number), looked };
}

test('a notification tells of as many events as it has room for, and of the first in any case', async () => {
  expect(await toldOf([3, 3, 3, 3], 9)).toEqual({ numbers: [1, 2, 3], looked: 4 });
  expect(await toldOf([99, 1], 9)).toEqual({ numbers: [1], looked: 2 });
  expect((await toldOf([3, 3, 3], 9, 3)).numbers).toEqual([1]);
  expect(await toldOf([], 9)).toEqual({ numbers: [], looked: 0 });
});

test('of those beyond it hardly any is looked at', async () => {
  const { numbers, looked } = await toldOf(Array<number>(500).fill(5), 10);
  expect(numbers).toEqual([1, 2]);
  expect(looked).toBeLessThan(20);
  expect((await toldOf(Array<number>(100).fill(1), 1_000)).numbers).toHaveLength(100);
});
