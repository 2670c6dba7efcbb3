import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inImpliedOrder } from '../../../../src/store/search/order/impliedOrder.ts';
import { SearchWorld } from '../searchWorld.ts';
import { thereAndBack } from './thereAndBack.ts';

const PATIENTS = ['ann', 'bob', 'cid', 'dan'];
const NAMED = PATIENTS.slice(0, 3);

/** The days of each patient's observations, in the order of their making; some have none. */
const DAYS = ['02', undefined, '05', '02', undefined, '01'];

/** Newest first, what has no date before all, in the order of their making where equal. */
const OF_EACH = [1, 4, 2, 0, 3, 5];

let world: SearchWorld;

beforeAll(async () => {
  world = await SearchWorld.open();
  for (const id of PATIENTS) {
    const family = NAMED.includes(id) ? 'Smith' : 'Jones';
    await world.put(`Patient/${id}`, {
      name: [{ family }],
      identifier: [{ value: family }],
      gender: 'other',
    });
  }
  for (const [i, day] of DAYS.entries())
    for (const id of PATIENTS)
      await world.put(`Observation/${id}-${i}`, {
        status: i === 3 ? 'final' : 'amended',
        subject: { reference: `Patient/${id}` },
        ...(day !== undefined && { effectiveDateTime: `2020-01-${day}` }),
      });
  await world.put('Observation/nobodys', { status: 'final' });
  await world.delete('Observation/ann-5');
});
afterAll(() => world.close());

/** Patients by their keys: which of them is first is not ours to say. */
const ordered = (where: (id: string, i: number) => boolean): string[] =>
  [...NAMED]
    .sort((a, b) => Number(world.index.selfKey('Patient', a) - world.index.selfKey('Patient', b)))
    .flatMap((id) => OF_EACH.filter((i) => where(id, i)).map((i) => `${id}-${i}`))
    .filter((id) => id !== 'ann-5');

describe.each([
  ['patient.name=smi', () => true],
  ['subject:Patient.identifier=Smith', () => true],
  ['patient.name=smi&status=final', (_id: string, i: number) => i === 3],
  ['patient.name=x', () => false],
])('what %s finds', (where, isFound) => {
  test.each([1, 2, 4, 50])('comes patient by patient, %d in a page', async (count) => {
    const query = world.parse(`Observation?${where}&_count=${count}`);
    const expected = ordered(isFound);
    expect(await thereAndBack((at) => world.store.searcher.search(query, at))).toEqual(expected);
    const implied = inImpliedOrder(world.index, query);
    const shapes = await world.shapes(implied);
    expect(shapes).toContainEqual({ kind: 'walk', along: 'owners' });
    for (const shape of shapes) {
      const found = await thereAndBack((at) => world.wholePageBy(shape, implied, at));
      expect({ shape, found }).toEqual({ shape, found: expected });
    }
  });
});
