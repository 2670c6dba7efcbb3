import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTAINERS_AT_ONCE } from '../../../../src/store/search/contained/containers.ts';
import type { FoundPage } from '../../../../src/store/search/found.ts';
import { SearchWorld, ids } from '../searchWorld.ts';
import { thereAndBack } from '../paging/thereAndBack.ts';

let world: SearchWorld;

const patient = (id: string, family: string) => ({ resourceType: 'Patient', id, name: [{ family }] });
const organization = { resourceType: 'Organization', id: 'o', name: 'Ann' };

beforeAll(async () => {
  world = await SearchWorld.open();
  await world.put('Patient/a1', { name: [{ family: 'Ann' }] });
  await world.put('Patient/a2', { name: [{ family: 'Ann' }] });
  await world.put('Patient/a3', { name: [{ family: 'Bob' }] });
  await world.put('Observation/ob1', { contained: [patient('p', 'Ann'), organization, patient('q', 'Ann')] });
  await world.put('Observation/ob2', { contained: [patient('p', 'Bob')] });
  await world.put('Observation/ob3', { contained: [organization, patient('r', 'Ann')] });
  await world.put('Observation/ob4', { contained: [organization] });
  await world.put('Condition/c1', { contained: [patient('p', 'Ann'), patient('s', 'Bob')] });
  // It matches by itself and by what it contains; the others by one of the two.
  await world.put('Patient/a4', { name: [{ family: 'Ann' }], contained: [patient('t', 'Ann')] });
  await world.put('Patient/a5', { name: [{ family: 'Bob' }], contained: [patient('t', 'Ann')] });
  await world.put('Patient/a6', { name: [{ family: 'Ann' }], contained: [patient('t', 'Bob')] });
  await world.put('Observation/gone', { contained: [patient('p', 'Ann')] });
  await world.delete('Observation/gone');
  await world.put('Observation/changed', { contained: [patient('p', 'Ann')] });
  await world.put('Observation/changed', { contained: [patient('p', 'Bob')] });
});
afterAll(() => world.close());

const names = ({ matches }: FoundPage) =>
  matches.map(({ type, id, containedIn }) =>
    containedIn ? `${containedIn.type}/${containedIn.id}#${id}` : `${type}/${id}`,
  );

const CONTAINERS = ['Condition/c1', 'Observation/ob1', 'Observation/ob3', 'Patient/a4', 'Patient/a5'];
const CONTAINED = [
  'Condition/c1#p',
  'Observation/ob1#p',
  'Observation/ob1#q',
  'Observation/ob3#r',
  'Patient/a4#t',
  'Patient/a5#t',
];
const ORDINARY = ['Patient/a1', 'Patient/a2', 'Patient/a4', 'Patient/a6'];

/** What each mode finds. A container that is found by itself does not come again. */
const FOUND: [query: string, expected: string[]][] = [
  ['_contained=true', CONTAINERS],
  ['_contained=true&_containedType=container', CONTAINERS],
  ['_contained=true&_containedType=contained', CONTAINED],
  ['_contained=both', [...ORDINARY, ...CONTAINERS.filter((name) => name !== 'Patient/a4')]],
  ['_contained=both&_containedType=contained', [...ORDINARY, ...CONTAINED]],
];

describe.each(FOUND)('%s', (query, expected) => {
  const url = `Patient?name=ann&${query}`;

  test('finds each once, by types and age of the containers', async () => {
    const page = await world.contained(url);
    expect(names(page)).toEqual(expected);
    expect(page).toMatchObject({ total: expected.length });
    expect([page.next, page.previous]).toEqual([undefined, undefined]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 20])('pages of %d lead there and back', async (count) => {
    const pages = await thereAndBack(async (at) => {
      const page = await world.contained(`${url}&_count=${count}`, at);
      expect(page.matches.length).toBeLessThanOrEqual(count);
      return { ...page, matches: names(page).map((id) => ({ id }) as FoundPage['matches'][0]) };
    });
    expect(pages).toEqual(expected);
  });

  test('is counted', async () => {
    const total = expected.length;
    expect(await world.contained(`${url}&_count=0`)).toEqual({ matches: [], total });
    expect(await world.contained(`${url}&_summary=count`)).toEqual({ matches: [], total });
    for (const mode of ['accurate', 'estimate'])
      expect(await world.contained(`${url}&_count=1&_total=${mode}`)).toMatchObject({ total });
    expect((await world.contained(`${url}&_count=1`)).total).toBeUndefined();
    expect((await world.contained(`${url}&_total=none`)).total).toBeUndefined();
  });
});

test('a contained resource comes as it is written, with word of its container', async () => {
  const text = '{"resourceType":"Observation","id":"v","valueQuantity":{"value":1.500}}';
  const value = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON('1.500');
  const inner = { resourceType: 'Observation', id: 'v', valueQuantity: { value } };
  await world.put('DiagnosticReport/exact', { contained: [inner] });
  const { matches } = await world.contained('Observation?_contained=true&_containedType=contained');
  expect(matches).toMatchObject([
    { type: 'Observation', id: 'v', content: text, containedIn: { type: 'DiagnosticReport', id: 'exact' } },
  ]);
  const { matches: containers } = await world.contained('Observation?_contained=true');
  expect(containers[0]!.content).toContain(text);
  expect(containers[0]!.containedIn).toBeUndefined();
});

test('conditions must hold for one contained resource, not for several together', async () => {
  await world.put('Procedure/x', {
    contained: [
      { ...patient('m', 'Two'), gender: 'male' },
      { ...patient('f', 'One'), gender: 'female' },
    ],
  });
  const found = async (query: string) => ids(await world.contained(`Patient?${query}&_contained=true`));
  expect(await found('name=one&gender=female')).toEqual(['x']);
  expect(await found('name=one&gender=male')).toEqual([]);
  expect(await found('_id=m&name:missing=false')).toEqual(['x']);
  expect(await found('name=one&gender:not=female')).toEqual([]);
});

test('across types, each is asked by its own conditions', async () => {
  const page = await world.contained(
    '?_type=Organization,Patient&_contained=true&_containedType=contained&_id=o,q',
  );
  expect(names(page)).toEqual([
    'Observation/ob1#o',
    'Observation/ob1#q',
    'Observation/ob3#o',
    'Observation/ob4#o',
  ]);
});

test('a contained patient is not the one that a compartment is named for', async () => {
  await world.put('Basic/likeness', {
    contained: [
      patient('a1', 'Ann'),
      { resourceType: 'Flag', id: 'f', subject: { reference: 'Patient/a1' } },
    ],
  });
  const inCompartment = (type: string) =>
    world.store.containedSearcher.search(
      world.parse(`${type}?_contained=true&_containedType=contained`, { type: 'Patient', id: 'a1' }),
    );
  expect(names(await inCompartment('Flag'))).toEqual(['Basic/likeness#f']);
  expect(names(await inCompartment('Patient'))).toEqual([]);
});

test('what nobody contains or has is not found', async () => {
  expect(await world.contained('Substance?_contained=true')).toEqual({ matches: [], total: 0 });
  expect(await world.contained('Substance?_contained=both')).toEqual({ matches: [], total: 0 });
});

test('local references show the type of what they lead to', async () => {
  const contained = [
    patient('p', 'Zoe'),
    { resourceType: 'Observation', id: 'o', subject: { reference: '#p' } },
  ];
  await world.put('List/local', { contained });
  const found = async (query: string) =>
    names(await world.contained(`Observation?${query}&_contained=true&_containedType=contained`));
  expect(await found('patient:missing=false')).toEqual(['List/local#o']);
  expect(await found('subject:missing=true')).toEqual(['DiagnosticReport/exact#v']);
});

test('more containers than one statement brings are all looked at', async () => {
  const count = CONTAINERS_AT_ONCE * 2 + 5;
  const tag = { resourceType: 'Device', id: 'd', status: 'active' };
  await world.putTogether(
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`Media/m${i}`, { contained: [tag] }])),
  );
  const url = `Device?status=active&_contained=true&_count=${CONTAINERS_AT_ONCE}`;
  const found = await thereAndBack((at) => world.contained(url, at));
  expect(found.sort()).toEqual(Array.from({ length: count }, (_, i) => `m${i}`).sort());
});
