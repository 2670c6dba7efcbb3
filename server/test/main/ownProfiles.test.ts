import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPublished, type PublishedResource } from '@maxray/fhir-profiles';
import type { Resource } from '../../src/fhir/resource.ts';
import { loadOwnProfiles, type ProfileDoors } from '../../src/main/ownProfiles.ts';
import { LOCAL_CALLER } from '../../src/records/caller.ts';
import { Cursors } from '../../src/records/cursors.ts';
import { Records } from '../../src/records/records.ts';
import { IndexRecords } from '../../src/records/searchParameters.ts';
import { Settings } from '../../src/store/settings.ts';
import { openStore } from '../../src/store/store.ts';
import { createValidator } from '../../src/validation/createValidator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

let world: TestDatabase;
let doors: ProfileDoors;
beforeAll(async () => {
  world = await testDatabase();
  const definitions = await r4Definitions();
  const base = 'http://maxray.example/fhir/R4';
  const store = openStore(world.database, world.schema, definitions, new Uint8Array(16), base);
  const cursors = new Cursors(new Uint8Array(32));
  doors = {
    records: new Records(store, { validator: createValidator(definitions), cursors }),
    index: new IndexRecords(store),
    settings: new Settings(world.database, world.schema),
  };
});
afterAll(() => world.close());

const profiles = loadPublished();
const role = profiles.find(({ id, resourceType }) => id === 'maxray-role' && resourceType === 'CodeSystem')!;
const stored = ({ resourceType, id }: PublishedResource) =>
  doors.records.read(LOCAL_CALLER, resourceType, id);
const versions = async () =>
  new Map(
    await Promise.all(
      profiles.map(async (one) => [`${one.resourceType}/${one.id}`, (await stored(one)).version] as const),
    ),
  );
const edition = (description: string) =>
  profiles.map((one) => (one === role ? { ...one, description } : one));
const store = async (value: Resource) => {
  const resource = { value, exact: value };
  const { resourceType: type, id } = value;
  await doors.records.transact(LOCAL_CALLER, [{ kind: 'update', type, id: id!, resource }]);
};

test('all definitions are stored as they are, once, and their search parameters are used', async () => {
  expect(await loadOwnProfiles(doors)).toBe(profiles.length);
  expect(new Set((await versions()).values())).toEqual(new Set([1]));
  expect(JSON.parse((await stored(role)).content)).toMatchObject(role);
  expect(await loadOwnProfiles(doors)).toBe(0);
  const { parameters, walks } = await doors.index.status(LOCAL_CALLER);
  expect(parameters).toHaveLength(
    profiles.filter(({ resourceType }) => resourceType === 'SearchParameter').length,
  );
  for (const { types, fault } of parameters) {
    expect(fault).toBeUndefined();
    for (const type of types) expect(walks.find((walk) => walk.type === type)?.requested).toBe(true);
  }
});

test('profiles have the elements of their snapshots, and a guide lists all', async () => {
  const content = async (type: string, id: string) =>
    JSON.parse((await doors.records.read(LOCAL_CALLER, type, id)).content) as Record<string, unknown>;
  for (const { resourceType, id } of profiles) {
    if (resourceType !== 'StructureDefinition') continue;
    const { snapshot, differential, type } = (await content(resourceType, id)) as unknown as {
      type: string;
      snapshot: { element: { id: string; definition?: string; base?: object }[] };
      differential: { element: { id: string }[] };
    };
    const ids = snapshot.element.map((element) => element.id);
    expect(ids[0]).toBe(type);
    expect(ids).toEqual(expect.arrayContaining(differential.element.map((element) => element.id)));
    for (const { definition, base } of snapshot.element)
      expect([definition, base]).toEqual([expect.any(String), expect.any(Object)]);
  }
  const { definition } = (await content('ImplementationGuide', 'maxray')) as {
    definition: { resource: { reference: { reference: string } }[] };
  };
  expect(definition.resource.map(({ reference }) => reference.reference)).toEqual(
    profiles
      .filter(({ resourceType }) => resourceType !== 'ImplementationGuide' && resourceType !== 'Basic')
      .map(({ resourceType, id }) => `${resourceType}/${id}`),
  );
});

test('another edition writes what differs and nothing else', async () => {
  expect(await loadOwnProfiles(doors, edition('Roles.'))).toBe(1);
  const others = await versions();
  expect(others.get('CodeSystem/maxray-role')).toBe(2);
  others.delete('CodeSystem/maxray-role');
  expect(new Set(others.values())).toEqual(new Set([1]));
});

test('what somebody changed or deleted stays so, until another edition comes', async () => {
  const service = profiles.find(({ id }) => id === 'maxray-service')!;
  await store({ ...role, description: 'Ours.' } as unknown as Resource);
  await doors.records.delete(LOCAL_CALLER, 'CodeSystem', service.id);
  expect(await loadOwnProfiles(doors, edition('Roles.'))).toBe(0);
  await expect(stored(service)).rejects.toMatchObject({ category: 'gone' });

  expect(await loadOwnProfiles(doors, edition('Other roles.'))).toBe(2);
  expect(JSON.parse((await stored(role)).content)).toMatchObject({ description: 'Other roles.' });
  expect((await stored(service)).version).toBe(3);
});

test('a load that was cut off before its end is finished by the next', async () => {
  await doors.settings.write('own-profiles', 'of a load that did not end');
  const before = await versions();
  expect(await loadOwnProfiles(doors, edition('Other roles.'))).toBe(0);
  expect(await versions()).toEqual(before);
});
