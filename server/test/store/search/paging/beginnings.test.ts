import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inImpliedOrder } from '../../../../src/store/search/order/impliedOrder.ts';
import { SearchWorld, ids } from '../searchWorld.ts';
import { thereAndBack } from './thereAndBack.ts';

let world: SearchWorld;

const named = (...names: object[]) => ({ name: names, gender: 'female' });

/** In the order of their making. */
const PATIENTS: Record<string, object> = {
  zoe: named({ family: 'Smith', given: ['Zoe'] }),
  'two-families': named({ family: 'Smythe' }, { family: 'Smithers' }),
  adam: { ...named({ family: 'Smart', given: ['Adam'] }), gender: 'male' },
  twice: named({ family: 'Smith', given: ['smith'] }, { family: 'SMITH' }),
  other: named({ family: 'Jones', given: ['Smilla'] }),
  none: {},
  'far-apart': named({ family: 'Smyth', given: ['Smaragd'] }),
  joan: named({ family: 'Jonas' }),
};

beforeAll(async () => {
  world = await SearchWorld.open();
  await world.put('Patient/deleted', PATIENTS.zoe);
  for (const [id, members] of Object.entries(PATIENTS)) await world.put(`Patient/${id}`, members);
  await world.delete('Patient/deleted');
});
afterAll(() => world.close());

describe.each([
  ['name=sm', 'far-apart adam other zoe twice two-families'],
  ['name=sm&gender=female', 'far-apart other zoe twice two-families'],
  ['family=sm', 'adam zoe twice two-families far-apart'],
  ['family=smi,jo', 'joan other zoe twice two-families'],
  ['family=s&given=s', 'twice far-apart'],
  ['family=smi&given=s', 'twice'],
  ['name=xyz', ''],
])('what %s finds', (where, order) => {
  const expected = order === '' ? [] : order.split(' ');

  test.each([1, 2, 3, 50])('comes by the first of these texts, %d in a page', async (count) => {
    const query = world.parse(`Patient?${where}&_count=${count}`);
    expect(await thereAndBack((at) => world.store.searcher.search(query, at))).toEqual(expected);
    const implied = inImpliedOrder(world.index, query);
    const shapes = await world.shapes(implied);
    expect(shapes).toContainEqual({ kind: 'walk', along: 'prefix' });
    for (const shape of shapes) {
      const found = await thereAndBack((at) => world.wholePageBy(shape, implied, at));
      expect({ shape, found }).toEqual({ shape, found: expected });
    }
  });
});

test('who has two of the texts in a first page of many is in it once', async () => {
  const before = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`Patient/q${i}`, named({ family: 'Quirk', given: ['Quentin'] })]),
  );
  await world.putTogether(before);
  const query = world.parse('Patient?name=qu&_count=20');
  const page = await world.store.searcher.search(query);
  expect(new Set(ids(page)).size).toBe(20);
  const all = await thereAndBack((at) => world.store.searcher.search(query, at));
  expect(new Set(all).size).toBe(30);
  expect(all).toHaveLength(30);
});
