import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { COMPOSITE_FORMS_MAX } from '../../../../src/store/index/emitComposite.ts';
import { PAGE_BYTES_MAX } from '../../../../src/store/pageBytes.ts';
import { ContainedSearcher } from '../../../../src/store/search/contained/containedSearcher.ts';
import type { FoundPage, PagePosition } from '../../../../src/store/search/found.ts';
import { SearchWorld, ids } from '../searchWorld.ts';

let world: SearchWorld;

beforeAll(async () => {
  world = await SearchWorld.open();
});
afterAll(() => world.close());

describe('what cannot be answered rightly is refused, and the part is named', () => {
  const CONTAINED = '&_containedType=contained';
  test.each([
    ['organization.name=x', '_contained', "the chain 'organization.…'"],
    ['_has:Observation:subject:code=x', '_contained', "'_has:Observation:subject:…'"],
    ['_lastUpdated=2020', '_contained', "'_lastUpdated'"],
    ['_filter=organization.name eq "x"', '_contained', "the chain 'organization.…'"],
    ['_text=x', '_contained', "'_text'"],
    ['_list=x', '_contained', "'_list'"],
    ['_sort=birthdate', '_sort', 'leave _sort out'],
    [`_sort=_id${CONTAINED}`, '_sort', 'leave _sort out'],
    ['_include=Patient:organization', '_include', '_containedType=contained'],
    ['_include=*', '_include', '_containedType=contained'],
    ['_elements=name', '_elements', '_containedType=contained'],
    [`_revinclude=Observation:subject${CONTAINED}`, '_revinclude', 'leave _revinclude out'],
  ])('%s', async (query, parameter, text) => {
    for (const mode of ['true', 'both']) {
      const search = world.contained(`Patient?${query}&_contained=${mode}`);
      await expect(search).rejects.toMatchObject({
        category: 'incorrect',
        issues: [{ code: 'not-supported', expression: [`http.${parameter}`] }],
      });
      await expect(search).rejects.toThrow(text);
    }
  });

  test('what can be is not', async () => {
    for (const query of [
      `_include=Patient:organization${CONTAINED}`,
      `_elements=name${CONTAINED}`,
      '_summary=true',
    ])
      expect((await world.contained(`Patient?${query}&_contained=both`)).matches).toEqual([]);
  });
});

test('a page ends before it holds too many bytes, there and back, and a large match stands alone', async () => {
  const data = 'A'.repeat(4 * Math.ceil((PAGE_BYTES_MAX * 0.4) / 4));
  const large = (id: string) => ({
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    content: [{ attachment: { data } }],
  });
  await world.put('DocumentReference/1', large('1'));
  for (const id of ['2', '3']) await world.put(`List/${id}`, { contained: [large(`${id}a`)] });
  await world.put('List/4', { contained: [large('4a'), large('4b'), large('4c')] });
  const pages = async (query: string) => {
    const found: string[] = [];
    const search = (at?: PagePosition) => world.contained(`DocumentReference?status=current&${query}`, at);
    const follow = async (page: FoundPage, to: 'next' | 'previous') => {
      for (; ; page = await search(page[to])) {
        found.push(ids(page).join(' '));
        if (!page[to]) return page;
      }
    };
    const last = await follow(await search(), 'next');
    await follow(last, 'previous');
    return found;
  };
  expect(await pages('_contained=true&_containedType=contained')).toEqual([
    '2a 3a',
    '4a 4b',
    '4c',
    '4c',
    '4a 4b',
    '2a 3a',
  ]);
  expect(await pages('_contained=both')).toEqual(['1 2', '3', '4', '4', '2 3', '1']);
});

test('a search that takes too long is ended, and told what to change', async () => {
  const { store, schema, index } = world;
  await world.put('Media/m', { contained: [{ resourceType: 'Device', id: 'd' }] });
  const searcher = new ContainedSearcher({
    ...store,
    schema,
    index,
    database: { ...store.database, searchTimeoutMs: -1 },
  });
  const search = searcher.search(world.parse('Device?_contained=true'));
  await expect(search).rejects.toMatchObject({ category: 'busy', issues: [{ code: 'too-costly' }] });
  await expect(search).rejects.toThrow('container by container');
});

test('what has too much in it to be compared is told, not left out', async () => {
  const side = Math.ceil(Math.sqrt(COMPOSITE_FORMS_MAX) / 2) + 1;
  const coding = Array.from({ length: side }, (_, i) => ({ system: 'urn:s', code: `c${i}` }));
  const component = [{ code: { coding }, valueCodeableConcept: { coding } }];
  const inner = { resourceType: 'Observation', id: 'o', component };
  await world.put('Basic/wide', { contained: [inner] });
  const search = world.contained('Observation?_contained=true&component-code=c1');
  await expect(search).rejects.toMatchObject({ category: 'unprocessable' });
  await expect(search).rejects.toThrow('Basic/wide');
  await world.delete('Basic/wide');
  expect((await world.contained('Observation?_contained=true&component-code=c1')).matches).toEqual([]);
});
