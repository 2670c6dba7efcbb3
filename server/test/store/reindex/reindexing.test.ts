import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import { INDEX_BASE_SETTING, INDEX_FORM, INDEX_FORM_SETTING, Settings } from '../../../src/store/settings.ts';
import type { Store } from '../../../src/store/store.ts';
import { searchParameter } from '../../support/searchParameters.ts';
import {
  BASE,
  add,
  contact,
  found,
  parse,
  put,
  putOf,
  ReindexWorld,
  remove,
  walkAll,
  write,
} from './reindexWorld.ts';

let world: ReindexWorld;
let server: Store;
let fhir: Definitions | undefined;
beforeEach(async () => {
  world = await ReindexWorld.open(fhir);
  fhir = world.fhir;
  server = await world.server();
});
afterEach(() => world.close());

const byContact = (store: Store) => found(store, 'Patient', 'contact-name', 'ann');
const definitionOf = (store: Store): SearchParameterDefinition =>
  store.definitions.searchParameter('Patient', 'contact-name')!;
const walkOf = async (type: string) =>
  (await server.reindexing.status()).walks.find((walk) => walk.type === type);

test('what was stored before, between and after an addition is found when the walk has ended, and not before', async () => {
  await put(server, 'Patient/before', contact('Anna'));
  await add(server, 'contact-name');
  await put(server, 'Patient/after', contact('Annika'));
  await put(server, 'Patient/other', contact('Bo'));
  expect(() => parse(server, 'Patient', 'contact-name', 'ann')).toThrow(/is not ready.*POST \$reindex/);

  await walkAll(server);
  expect(await byContact(server)).toEqual(['after', 'before']);
  expect(await world.differences(server)).toEqual([]);
  expect(await walkOf('Patient')).toMatchObject({ done: 3, changed: 1, total: 3 });
});

test('nothing is walked before it is asked for', async () => {
  await put(server, 'Patient/before', contact('Anna'));
  await add(server, 'contact-name');
  await server.reindexing.runToEnd(() => undefined);
  expect(await walkOf('Patient')).toMatchObject({ requested: false, done: 0 });
  expect(() => parse(server, 'Patient', 'contact-name', 'ann')).toThrow('not ready');
});

test('a type without any resource is ready after its walk', async () => {
  await add(server, 'group-note', { base: ['Group'], expression: 'Group.name', code: 'group-note' });
  await walkAll(server);
  await put(server, 'Group/one', { name: 'Annals' });
  expect(await found(server, 'Group', 'group-note', 'ann')).toEqual(['one']);
});

test('deleted resources stay without rows', async () => {
  await put(server, 'Patient/gone', contact('Anna'));
  await write(server, { method: 'D', type: 'Patient', id: 'gone' });
  await add(server, 'contact-name');
  await walkAll(server);
  expect(await byContact(server)).toEqual([]);
  expect(await world.differences(server)).toEqual([]);
});

test('a parameter that goes leaves no row behind after the next walk', async () => {
  await put(server, 'Patient/one', contact('Anna'));
  await add(server, 'contact-name');
  await walkAll(server);
  await remove(server, 'contact-name');
  expect(() => parse(server, 'Patient', 'contact-name', 'ann')).toThrow('has no search parameter');
  expect(await world.differences(server)).toEqual(['Patient/one strings']);
  await walkAll(server);
  expect(await world.differences(server)).toEqual([]);
});

test('a parameter that means something else is not ready until its rows are those of the new meaning', async () => {
  await put(server, 'Patient/one', { ...contact('Anna'), name: [{ family: 'Berg' }] });
  await add(server, 'contact-name');
  await walkAll(server);
  await add(server, 'contact-name', { expression: 'Patient.name' });
  expect(() => parse(server, 'Patient', 'contact-name', 'ann')).toThrow('not ready');
  await walkAll(server);
  expect(await byContact(server)).toEqual([]);
  expect(await found(server, 'Patient', 'contact-name', 'berg')).toEqual(['one']);
});

test('a new version that says the same stays ready, and so does one that was deleted and stored again at once', async () => {
  await put(server, 'Patient/one', contact('Anna'));
  await add(server, 'contact-name');
  await walkAll(server);
  await add(server, 'contact-name', { description: 'Other words' });
  expect(await byContact(server)).toEqual(['one']);
  await write(server, { method: 'D', type: 'SearchParameter', id: 'contact-name' });
  await add(server, 'contact-name');
  expect(await byContact(server)).toEqual(['one']);
});

test('one that was deleted, taken over as such, and stored again must be walked again', async () => {
  await add(server, 'contact-name');
  await walkAll(server);
  await remove(server, 'contact-name');
  await put(server, 'Patient/meanwhile', contact('Anna'));
  await add(server, 'contact-name');
  expect(() => parse(server, 'Patient', 'contact-name', 'ann')).toThrow('not ready');
  await walkAll(server);
  expect(await byContact(server)).toEqual(['meanwhile']);
});

test('a further parameter leaves those ready that were', async () => {
  await put(server, 'Patient/one', contact('Anna'));
  await add(server, 'contact-name');
  await walkAll(server);
  await add(server, 'marital', { type: 'token', expression: 'Patient.maritalStatus' });
  expect(await byContact(server)).toEqual(['one']);
});

test('one that cannot be used is stored, told with its reason, and changes nothing', async () => {
  await add(server, 'nothing', { expression: 'Patient.nothing' });
  const { parameters, walks } = await server.reindexing.status();
  expect(parameters).toMatchObject([{ id: 'nothing', fault: expect.stringContaining('Patient.nothing') }]);
  expect(walks).toEqual([]);
  expect(server.plans.revision).toBe(0);
  expect(world.logged).toEqual([expect.stringMatching(/^SearchParameter\/nothing is not used: /)]);
});

test('those that repeat what R4 has are counted', async () => {
  const repeated = [
    { code: 'name', expression: 'Patient.name' },
    { code: '_id', type: 'token', expression: 'Patient.id' },
    { url: 'http://hl7.org/fhir/SearchParameter/individual-birthdate', code: 'born', type: 'date' },
  ];
  for (const [i, changes] of repeated.entries())
    await put(server, `SearchParameter/own-${i}`, searchParameter(`own-${i}`, changes));
  await add(server, 'no', { expression: 'Patient.no' });
  expect(world.logged).toEqual([
    '3 SearchParameter resources are not used: FHIR R4 has them, or their codes, already.',
    expect.stringMatching(/^SearchParameter\/no is not used: /),
  ]);
  const { parameters } = await server.reindexing.status();
  expect(parameters.filter(({ fault }) => fault !== undefined)).toHaveLength(4);
});

test('a resource on which an expression cannot be evaluated has no value there, and is stored', async () => {
  await put(server, 'Patient/two', { contact: [{ name: { family: 'Anna' } }, { name: { family: 'Anne' } }] });
  await add(server, 'contact-name', { expression: 'Patient.contact.name.family.single()' });
  await put(server, 'Patient/three', {
    contact: [{ name: { family: 'Anna' } }, { name: { family: 'Anne' } }],
  });
  await put(server, 'Patient/one', contact('Anna'));
  await walkAll(server);
  expect(await byContact(server)).toEqual(['one']);
});

test('a resource on which an expression would come to too much has no value there, and is stored at once', async () => {
  await add(server, 'contact-name', { expression: 'Patient.contact.name.given.distinct()' });
  const given = Array.from({ length: 60_000 }, (_, i) => `Anna ${i}`);
  await put(server, 'Patient/many', { contact: [{ name: { given } }] });
  await put(server, 'Patient/few', { contact: [{ name: { given: given.slice(0, 50) } }] });
  await walkAll(server);
  expect(await byContact(server)).toEqual(['few']);
});

test('a server that comes later, or did not hear of an addition, knows it after it has asked', async () => {
  const second = await world.server();
  await add(server, 'contact-name');
  await walkAll(server);
  expect(() => parse(second, 'Patient', 'contact-name', 'ann')).toThrow('has no search parameter');
  await second.plans.refresh();
  expect(await byContact(second)).toEqual([]);
  expect(await byContact(await world.server())).toEqual([]);
});

test('what a server writes that has not heard of an addition has its rows all the same', async () => {
  const second = await world.server();
  const prepared = putOf(second, 'Patient/prepared', contact('Anna'));
  const entries = ['t1', 't2'].map((id) => putOf(second, `Patient/${id}`, contact('Anne')));
  await add(server, 'contact-name');
  await walkAll(server);
  await write(second, prepared);
  await second.writer.againWhenStale(() =>
    world.database.transaction((tx) => second.writer.writeAll(entries, (statement) => tx.query(statement))),
  );
  expect(await byContact(server)).toEqual(['prepared', 't1', 't2']);
  expect(await world.differences(server)).toEqual([]);
});

test('what a server reads by a parameter that another has changed meanwhile is not believed', async () => {
  await add(server, 'contact-name');
  await walkAll(server);
  const second = await world.server();
  const used = definitionOf(second);
  expect(await second.plans.isCurrent([used])).toBe(true);
  await add(server, 'contact-name', { expression: 'Patient.name' });
  expect(await second.plans.isCurrent([used])).toBe(false);
  await walkAll(server);
  expect(await second.plans.isCurrent([used])).toBe(false);
  expect(await second.plans.isCurrent([definitionOf(second)])).toBe(true);
});

test('an addition that a dying server did not take over is taken over by the next start or request', async () => {
  const second = await world.server();
  await put(second, 'SearchParameter/contact-name', searchParameter('contact-name'));
  expect((await server.reindexing.status()).parameters).toEqual([]);
  await server.reindexing.request();
  expect((await server.reindexing.status()).parameters).toMatchObject([{ id: 'contact-name' }]);
});

test('of many servers that take over at once each comes to the same', async () => {
  const servers = await Promise.all([0, 1, 2].map(() => world.server()));
  await Promise.all(
    servers.flatMap((one, i) => [
      add(one, `name-${i}`),
      add(one, 'shared', { expression: `Patient.contact[${i}].name` }),
    ]),
  );
  const { parameters } = await server.reindexing.status();
  expect(parameters.map(({ id, fault }) => [id, fault]).sort()).toEqual([
    ['name-0', undefined],
    ['name-1', undefined],
    ['name-2', undefined],
    ['shared', undefined],
  ]);
  const [{ version }] = (await world.sql(
    `SELECT version FROM $schema.searchparameter WHERE id = 'shared'`,
  )) as [{ version: number }];
  expect([version, parameters.find(({ id }) => id === 'shared')?.version]).toEqual([3, 3]);
  await walkAll(servers[1]!);
  for (const one of servers) {
    await one.plans.refresh();
    expect(await found(one, 'Patient', 'name-2', 'x')).toEqual([]);
  }
});

test('all types, or one, are walked when asked for, whether they need it or not', async () => {
  await put(server, 'Patient/one', contact('Anna'));
  await put(server, 'Group/one', { name: 'Annals' });
  await world.sql('DELETE FROM $schema.patient_strings');
  await world.sql('DELETE FROM $schema.group_strings');
  await server.reindexing.request({ type: 'Patient' });
  await server.reindexing.runToEnd(() => undefined);
  const differences = await world.differences(server);
  expect(differences.filter((one) => one.startsWith('Patient'))).toEqual([]);
  await server.reindexing.request({ all: true });
  await server.reindexing.runToEnd(() => undefined);
  expect(await world.differences(server)).toEqual([]);
});

test('another address makes all types outdated until they are walked for it', async () => {
  const moved = 'http://moved.example/fhir/R4';
  await put(server, 'Observation/one', { subject: { reference: `${moved}/Patient/a` } });
  await new Settings(world.database, world.schema).write(INDEX_BASE_SETTING, BASE);
  expect(await server.reindexing.outdated()).toEqual([]);
  const there = await world.server(moved);
  expect(await there.reindexing.outdated()).toEqual([expect.stringContaining(BASE)]);
  expect(await found(there, 'Observation', 'subject', 'Patient/a')).toEqual([]);
  await walkAll(there);
  expect(await found(there, 'Observation', 'subject', 'Patient/a')).toEqual(['one']);
  expect(await there.reindexing.outdated()).toEqual([]);
  expect(await server.reindexing.outdated()).toEqual([expect.stringContaining(moved)]);
});

test('another form of the index likewise', async () => {
  const settings = new Settings(world.database, world.schema);
  await put(server, 'Patient/one', contact('Anna'));
  await settings.write(INDEX_FORM_SETTING, 'old');
  expect(await server.reindexing.outdated()).toEqual([expect.stringContaining('form old')]);
  await walkAll(server);
  expect(await settings.read(INDEX_FORM_SETTING)).toBe(INDEX_FORM);
  expect(await server.reindexing.outdated()).toEqual([]);
});

test('a store without resources is up to date once it is asked for', async () => {
  const settings = new Settings(world.database, world.schema);
  await settings.write(INDEX_FORM_SETTING, 'old');
  await walkAll(server);
  expect(await server.reindexing.outdated()).toEqual([]);
});
