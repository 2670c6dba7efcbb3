import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FoundPage, PagePosition } from '../../../../src/store/search/found.ts';
import { SearchWorld, ids } from '../searchWorld.ts';

/** Numbers from 0 to below 1, the same each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

const RESOURCES = 60;
const COUNT = 7;
const FAMILIES = ['Adam', 'Bell', 'Cole', 'Dunn'];

let world: SearchWorld;
beforeAll(async () => {
  world = await SearchWorld.open();
});
afterAll(() => world.close());

/** A patient whose values are few, so that many are equal, and some missing. */
function patient(next: () => number): object {
  const pick = Math.floor(next() * FAMILIES.length);
  return {
    ...(next() < 0.8 && { name: [{ family: FAMILIES[pick] }] }),
    ...(next() < 0.8 && { birthDate: `19${70 + pick}-01-01` }),
    ...(next() < 0.8 && { deceasedDateTime: `2020-0${1 + pick}-01` }),
    ...(next() < 0.8 && { gender: next() < 0.5 ? 'male' : 'female' }),
  };
}

describe.each([
  '',
  'birthdate',
  '-birthdate',
  'family',
  '-family',
  'death-date',
  '-death-date',
  '-gender,family',
  '_id',
  '_lastUpdated',
])('in the order of "%s"', (sort) => {
  let next: () => number;
  let settled: Set<string>;

  beforeEach(async () => {
    next = random(sort.length + 1);
    for (const id of ids(await world.search('Patient?_count=1000'))) await world.delete(`Patient/${id}`);
    const made = Array.from({ length: RESOURCES }, (_, i) => `p${i}`);
    for (const id of made) await world.put(`Patient/${id}`, patient(next));
    settled = new Set(made);
  });

  /** Makes, changes and deletes some; what is changed or deleted is not settled any more. */
  async function write(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      const touched = `p${Math.floor(next() * RESOURCES)}`;
      settled.delete(touched);
      if (next() < 0.5) await world.delete(`Patient/${touched}`);
      else await world.put(`Patient/${touched}`, patient(next));
      await world.put(`Patient/new${Math.floor(next() * 1e9)}`, patient(next));
    }
  }

  const ofSettled = (found: readonly string[]) => found.filter((id) => settled.has(id));

  test('nothing that stayed as it was is lost or comes twice, on the way there and back', async () => {
    const search = (at?: PagePosition, count = COUNT): Promise<FoundPage> =>
      world.search(`Patient?_count=${count}${sort ? `&_sort=${sort}` : ''}`, at);
    const pages: FoundPage[] = [];
    let page = await search();
    for (;;) {
      pages.push(page);
      if (!page.next) break;
      await write();
      page = await search(page.next);
    }
    const there = pages.flatMap(ids);
    expect(pages.length).toBeGreaterThan(5);
    const whole = ids(await search(undefined, 1000));
    expect(ofSettled(there)).toEqual(ofSettled(whole));

    const back: FoundPage[] = [];
    for (;;) {
      back.unshift(page);
      if (!page.previous) break;
      await write();
      page = await search(page.previous);
    }
    expect(ofSettled(back.flatMap(ids))).toEqual(ofSettled(ids(await search(undefined, 1000))));
  });

  test('a page of which everything was deleted leads back to where one came from', async () => {
    const search = (at?: PagePosition): Promise<FoundPage> =>
      world.search(`Patient?_count=${COUNT}${sort ? `&_sort=${sort}` : ''}`, at);
    const first = await search();
    const second = await search(first.next);
    for (const id of ids(first)) await world.delete(`Patient/${id}`);
    const before = await search(second.previous);
    expect({ found: ids(before), previous: before.previous }).toEqual({ found: [], previous: undefined });
    expect(ids(await search(before.next))).toEqual(ids(second));

    const last = second.next!;
    for (const id of ids(await world.search(`Patient?_count=1000`)))
      if (!ids(second).includes(id)) await world.delete(`Patient/${id}`);
    const after = await search(last);
    expect({ found: ids(after), next: after.next }).toEqual({ found: [], next: undefined });
    expect(ids(await search(after.previous))).toEqual(ids(second));
  });
});
