import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SearchWorld, ids } from '../searchWorld.ts';
import { thereAndBack } from './thereAndBack.ts';

const basic = { code: { text: 'x' } };
const SECOND_MS = 1_000;

let world: SearchWorld;
beforeAll(async () => {
  world = await SearchWorld.open();
  await world.put('Basic/changed', basic);
  await world.put('Basic/deleted', basic);
  await world.putTogether({ 'Basic/a1': basic, 'Basic/a2': basic, 'Basic/a3': basic, 'Patient/a': {} });
  await world.put('Basic/b', basic);
  await world.delete('Basic/deleted');
  await world.put('Basic/changed', { code: { text: 'y' } });
});
afterAll(() => world.close());

test.each([
  ['_lastUpdated', ['a1', 'a2', 'a3', 'b', 'changed']],
  ['-_lastUpdated', ['changed', 'b', 'a1', 'a2', 'a3']],
])(
  'pages in the order of %s; what was written at the same time, in the order of its making',
  async (sort, expected) => {
    for (const count of [1, 2, 3, 50]) {
      const query = world.parse(`Basic?_sort=${sort}&_count=${count}`);
      for (const shape of await world.shapes(query)) {
        const found = await thereAndBack((at) => world.wholePageBy(shape, query, at));
        expect({ shape, found }).toEqual({ shape, found: expected });
      }
    }
  },
);

test.each([
  ['_lastUpdated=gt%', '', ['changed', 'b']],
  ['_lastUpdated=ge%', '', ['changed', 'a1', 'a2', 'a3', 'b']],
  ['_lastUpdated=lt%', '', []],
  ['_lastUpdated=le%', '_sort=-_lastUpdated', ['a1', 'a2', 'a3']],
  ['_lastUpdated=%', '_sort=_lastUpdated', ['a1', 'a2', 'a3']],
  ['_lastUpdated=ne%', '_sort=_lastUpdated', ['b', 'changed']],
])('%s of the three, %s', async (condition, sort, expected) => {
  const [one] = (await world.search('Basic?_id=a2')).matches;
  const moment = (JSON.parse(one!.content) as { meta: { lastUpdated: string } }).meta.lastUpdated;
  const query = world.parse(`Basic?${condition.replace('%', encodeURIComponent(moment))}&${sort}`);
  const shapes = await world.shapes(query);
  for (const shape of shapes) {
    const page = await world.wholePageBy(shape, query);
    expect({ shape, found: ids(page) }).toEqual({ shape, found: expected });
  }
});

test('changes of a span are an alternative to reading all resources', async () => {
  const since = new Date(Date.now() - SECOND_MS).toISOString();
  const shapes = await world.shapes(world.parse(`Basic?_lastUpdated=ge${encodeURIComponent(since)}`));
  expect(shapes).toContainEqual({ kind: 'find', by: 'last-updated', driving: [] });
});
