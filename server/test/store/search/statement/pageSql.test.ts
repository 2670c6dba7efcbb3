import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PAGE_BYTES_MAX } from '../../../../src/store/pageBytes.ts';
import { SearchWorld, ids } from '../searchWorld.ts';

const MEBIBYTE = 2 ** 20;

let world: SearchWorld;
beforeAll(async () => {
  world = await SearchWorld.open();
  for (let i = 0; i < 5; i++) {
    await world.put(`Basic/large${i}`, {
      code: { text: 'x'.repeat(12 * MEBIBYTE) },
      created: `202${i}-01-01`,
    });
  }
  await world.put('Basic/huge', {
    code: { text: 'x'.repeat(PAGE_BYTES_MAX + MEBIBYTE) },
    created: '2030-01-01',
  });
});
afterAll(() => world.close());

test('a page ends early rather than hold more than PAGE_BYTES_MAX, there and back; a larger resource comes alone', async () => {
  const pages: string[][] = [];
  let page = await world.search('Basic?_sort=created&_count=50');
  for (;;) {
    pages.push(ids(page));
    if (!page.next) break;
    page = await world.search('Basic?_sort=created&_count=50', page.next);
  }
  expect(pages).toEqual([['large0', 'large1'], ['large2', 'large3'], ['large4'], ['huge']]);
  const before = await world.search('Basic?_sort=created&_count=50', page.previous);
  expect(ids(before)).toEqual(['large3', 'large4']);
  expect(ids(await world.search('Basic?_sort=created&_count=50', before.previous))).toEqual([
    'large1',
    'large2',
  ]);
  expect(page.matches[0]!.content!.length).toBeGreaterThan(PAGE_BYTES_MAX);
});
