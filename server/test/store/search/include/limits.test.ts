import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  INCLUDE_ROUNDS_MAX,
  INCLUDES_MAX_RESOURCES,
  type PageResource,
} from '../../../../src/store/search/include/includer.ts';
import { PAGE_BYTES_MAX } from '../../../../src/store/pageBytes.ts';
import { IncludeWorld } from './support.ts';

const to = (reference: string) => ({ reference });
const reverse = { reverse: true };
const iterate = { iterate: true };

describe('limits of includes', () => {
  let world: IncludeWorld;
  let patient: PageResource;

  beforeAll(async () => {
    world = await IncludeWorld.open();
    patient = await world.put('Patient/p');
    for (const id of ['a', 'b', 'c']) await world.put(`Encounter/${id}`, { subject: to('Patient/p') });
    for (const id of ['a', 'b', 'c']) await world.put(`Observation/${id}`, { subject: to('Patient/p') });
  });

  afterAll(() => world.close());

  test('an include may bring ten times the largest page', () => {
    expect(INCLUDES_MAX_RESOURCES).toBe(10_000);
  });

  test.each([
    [7, ['Encounter/a', 'Encounter/b', 'Encounter/c', 'Observation/a', 'Observation/b', 'Observation/c']],
    [6, ['Encounter/a', 'Encounter/b', 'Encounter/c', 'Observation/a', 'Observation/b', 'Observation/c']],
    [5, ['Encounter/a', 'Encounter/b', 'Encounter/c', 'Observation/a', 'Observation/b', '...']],
    [2, ['Encounter/a', 'Encounter/b', '...']],
    [1, ['Encounter/a', '...']],
  ])(
    '%d resources: the first of them, always the same, and word that there are more',
    async (limit, expected) => {
      const includes = [
        world.include('Observation:subject', reverse),
        world.include('Encounter:subject', reverse),
      ];
      expect(await world.along([patient], includes, limit)).toEqual(expected);
    },
  );

  test('the limit counts over all rounds', async () => {
    await world.put('Location/1', { partOf: to('Location/2') });
    await world.put('Location/2', { partOf: to('Location/3') });
    await world.put('Location/3', { partOf: to('Location/4') });
    await world.put('Location/4');
    const start = await world.put('Location/0', { partOf: to('Location/1') });
    const includes = [world.include('Location:partof', iterate)];
    const all = ['Location/1', 'Location/2', 'Location/3', 'Location/4'];
    expect(await world.along([start], includes, 4)).toEqual(all);
    expect(await world.along([start], includes, 3)).toEqual([...all.slice(0, 3), '...']);
  });

  test('rounds end', async () => {
    const last = INCLUDE_ROUNDS_MAX + 5;
    for (let i = 0; i <= last; i++)
      await world.put(`Organization/${i}`, { partOf: to(`Organization/${i + 1}`) });
    const start = await world.put('Organization/0', { partOf: to('Organization/1') });
    const along = await world.along([start], [world.include('Organization:partof', iterate)]);
    expect(along).toHaveLength(INCLUDE_ROUNDS_MAX + 1);
    expect(along.slice(-2)).toEqual([`Organization/${INCLUDE_ROUNDS_MAX}`, '...']);
  });

  test('the content of a page is bounded', async () => {
    const text = 'x'.repeat(PAGE_BYTES_MAX / 4);
    const large = await world.put('Patient/large');
    for (const id of ['1', '2', '3', '4', '5']) {
      await world.put(`Communication/${id}`, { subject: to('Patient/large'), note: [{ text }] });
    }
    const along = await world.along([large], [world.include('Communication:subject', reverse)]);
    expect(along).toEqual(['Communication/1', 'Communication/2', 'Communication/3', '...']);
  });
});
