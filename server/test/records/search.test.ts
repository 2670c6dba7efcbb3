import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addParameters } from '../../src/fhir/definitions/addParameters.ts';
import type { Definitions, SearchParameterDefinition } from '../../src/fhir/definitions/types.ts';
import type { SearchQuery } from '../../src/fhir/search/ast.ts';
import type { Caller } from '../../src/records/caller.ts';
import { Gate } from '../../src/records/gate/gate.ts';
import { Cursors } from '../../src/records/cursors.ts';
import { RecordSearch } from '../../src/records/search.ts';
import type { Store } from '../../src/store/store.ts';
import { r4Definitions } from '../support/definitions.ts';

const anna: Caller = { id: 'anna', isAdministrator: false, access: 'unrestricted', agent: {} };
const berta: Caller = { id: 'berta', isAdministrator: false, access: 'unrestricted', agent: {} };
const admin: Caller = { id: 'root', isAdministrator: true, access: 'unrestricted', agent: {} };

let definitions: Definitions;
/** What the store was asked, and what it answers. */
let asked: { query: SearchQuery; position: unknown }[];
let containedAsked: typeof asked;
let includeAsked: number;
let includedFor: unknown;
let page: Record<string, unknown>;
let search: RecordSearch;
let searchWith: (known: Definitions) => RecordSearch;

beforeAll(async () => {
  definitions = await r4Definitions();
});

beforeEach(() => {
  asked = [];
  containedAsked = [];
  includeAsked = 0;
  page = { matches: [{ type: 'Patient', id: 'a' }] };
  const store = {
    plans: { hadAdded: false },
    searcher: {
      supports: (_type: string, parameter: { code: string }) =>
        !['phonetic', '_query'].includes(parameter.code),
      sorts: () => true,
      search: async (query: SearchQuery, position?: unknown) => {
        asked.push({ query, position });
        return page;
      },
    },
    containedSearcher: {
      search: async (query: SearchQuery, position?: unknown) => {
        containedAsked.push({ query, position });
        return page;
      },
    },
    includer: {
      included: async (matches: unknown) => {
        includeAsked++;
        includedFor = matches;
        return { resources: [{ type: 'Organization', id: 'o' }], truncated: true };
      },
    },
  } as unknown as Store;
  searchWith = (known) =>
    new RecordSearch(known, store, { cursors: new Cursors(Buffer.alloc(32, 3)), gate: new Gate(store) });
  search = searchWith(definitions);
});

const parse = (text: string, target = { type: 'Patient' } as Parameters<RecordSearch['parse']>[0]) =>
  search.parse(target, [...new URLSearchParams(text)], 'strict').query;

describe('a page position', () => {
  const position = { values: ['Müller'], rid: '7', backwards: false };
  /** The sealed position of the page after that of a query. */
  const nextOf = async (text: string, target?: Parameters<RecordSearch['parse']>[0]) => {
    page.next = position;
    return (await search.search(anna, parse(text, target))).next!;
  };
  const open = (text: string, sealed: string, caller = anna, target?: Parameters<RecordSearch['parse']>[0]) =>
    search.search(caller, { ...parse(text, target), page: sealed });

  test('is sealed, and comes back to the store as it was', async () => {
    const sealed = await nextOf('name=m&_sort=-birthdate');
    expect(sealed).toMatch(/^[\w-]+$/);
    await open('name=m&_sort=-birthdate', sealed);
    expect(asked.at(-1)!.position).toEqual(position);
    expect(asked[0]!.position).toBeUndefined();
  });

  test.each([
    ['name=m&_sort=-birthdate', 'name=n&_sort=-birthdate'],
    ['name=m', 'name:exact=m'],
    ['name=m', 'family=m'],
    ['name=m&_sort=birthdate', 'name=m&_sort=-birthdate'],
    ['name=m&_sort=birthdate', 'name=m&_sort=family'],
    ['name=m&_sort=_id', 'name=m&_sort=_lastUpdated'],
    ['name=m', 'name=m&gender=male'],
    ['birthdate=2020', 'birthdate=ge2020'],
    ['organization.name=a', 'organization.address=a'],
    ['_has:Observation:subject:code=a', '_has:Observation:performer:code=a'],
  ])('of %s does not open for %s', async (text, other) => {
    const sealed = await nextOf(text);
    await expect(open(other, sealed)).rejects.toMatchObject({ category: 'incorrect' });
  });

  test('does not open in another compartment, type or for another caller', async () => {
    const of = (id: string, type = 'Observation') => ({ type, compartment: { type: 'Patient', id } });
    const sealed = await nextOf('', of('1'));
    await expect(open('', sealed, anna, of('2'))).rejects.toThrow('page link');
    await expect(open('', sealed, anna, of('1', 'Condition'))).rejects.toThrow('page link');
    await expect(open('', sealed, anna, { type: 'Observation' })).rejects.toThrow('page link');
    await expect(open('', sealed, berta, of('1'))).rejects.toThrow('page link');
    await open('', sealed, anna, of('1'));
  });

  test('of a search parameter that was added does not open for another use of it', async () => {
    const added = (revision: number) => {
      const one = {
        url: 'urn:nick',
        code: 'nick',
        type: 'string',
        base: ['Patient'],
        expression: 'Patient.contact.name',
      };
      const definition = { ...one, added: { resource: 'nick', revision } } as SearchParameterDefinition;
      search = searchWith(addParameters(definitions, [definition]));
    };
    added(1);
    const sealed = await nextOf('nick=m');
    await open('nick=m', sealed);
    added(2);
    await expect(open('nick=m', sealed)).rejects.toThrow('page link');
  });

  test('opens although page size or look are others', async () => {
    const sealed = await nextOf('name=m&_count=5');
    for (const more of ['_count=7', '_elements=name', '_summary=true', '_total=none'])
      await open(`name=m&${more}`, sealed);
    expect(asked.at(-1)!.position).toEqual(position);
  });

  test('before this page is sealed as well', async () => {
    page.previous = { ...position, backwards: true };
    const { previous, next } = await search.search(anna, parse('name=m'));
    expect(next).toBeUndefined();
    await open('name=m', previous!);
    expect(asked.at(-1)!.position).toEqual(page.previous);
  });
});

test('includes are looked for where they are asked for and there is a match', async () => {
  expect(await search.search(anna, parse('name=m'))).toMatchObject({ included: [], includesCut: false });
  expect(includeAsked).toBe(0);
  const query = parse('name=m&_include=Patient:organization');
  expect(await search.search(anna, query)).toMatchObject({
    included: [{ type: 'Organization', id: 'o' }],
    includesCut: true,
  });
  page.matches = [];
  expect(await search.search(anna, query)).toMatchObject({ included: [], includesCut: false });
  expect(includeAsked).toBe(1);
});

test('what the store tells of total and plan is passed on', async () => {
  Object.assign(page, { total: 0, explanation: { sql: 'x' } });
  expect(await search.search(admin, parse('_explain=true'))).toMatchObject({
    total: 0,
    explanation: { sql: 'x' },
  });
});

test('how a search runs is for administrators only', async () => {
  await expect(search.search(anna, parse('_explain=true'))).rejects.toMatchObject({ category: 'forbidden' });
  expect(asked).toEqual([]);
  await search.search(admin, parse('_explain=true'));
  await search.search(anna, parse('_explain=false'));
});

test('what is contained is searched where that is asked for', async () => {
  const ordinary = asked;
  await search.search(anna, parse('_contained=false'));
  expect([ordinary.length, containedAsked.length]).toEqual([1, 0]);
  const position = { values: [], type: 'Observation', rid: '7', inside: 2, backwards: false };
  page.next = position;
  const { next } = await search.search(anna, parse('_contained=true'));
  await search.search(anna, { ...parse('_contained=true'), page: next! });
  expect(ordinary).toHaveLength(1);
  expect(containedAsked.map((one) => one.position)).toEqual([undefined, position]);
  for (const other of ['_contained=both', '_contained=true&_containedType=contained', ''])
    await expect(search.search(anna, { ...parse(other), page: next! })).rejects.toThrow('page link');
});

test('what a contained resource brings along is not kept from coming by its local id', async () => {
  page.matches = [{ type: 'Patient', id: 'p', containedIn: { type: 'Observation', id: '1' } }];
  const query = '_contained=true&_containedType=contained&_include=Patient:link';
  const { matches } = await search.search(anna, parse(query));
  expect(includedFor).toMatchObject([{ type: 'Patient', id: 'Observation/1#p' }]);
  expect(matches).toMatchObject([{ type: 'Patient', id: 'p' }]);
});

test('a search without a type is of all types, or of those in the compartment', () => {
  expect(parse('', {}).searches).toHaveLength(definitions.resourceTypes.length);
  const types = parse('', { compartment: { type: 'Device', id: '1' } }).searches.map(({ type }) => type);
  expect(types).toEqual([...definitions.compartment('Device')!.resource.keys()].sort());
});

test('the parameters of a type are those that can be searched', () => {
  const codes = search.parameters('Patient').map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(['_id', '_lastUpdated', '_text', '_content', 'birthdate']));
  expect(codes).not.toContain('phonetic');
  expect(codes).not.toContain('_query');
});
