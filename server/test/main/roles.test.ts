import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadRolePolicies, type Shipped } from '../../src/main/roles.ts';
import { LOCAL_CALLER } from '../../src/records/caller.ts';
import { Cursors } from '../../src/records/cursors.ts';
import { Records } from '../../src/records/records.ts';
import { Settings } from '../../src/store/settings.ts';
import { openStore } from '../../src/store/store.ts';
import { createValidator } from '../../src/validation/createValidator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

let world: TestDatabase;
let records: Records;
let settings: Settings;
beforeAll(async () => {
  world = await testDatabase();
  const definitions = await r4Definitions();
  const base = 'http://maxray.example/fhir/R4';
  const store = openStore(world.database, world.schema, definitions, new Uint8Array(16), base);
  records = new Records(store, {
    validator: createValidator(definitions),
    cursors: new Cursors(new Uint8Array(32)),
  });
  settings = new Settings(world.database, world.schema);
});
afterAll(() => world.close());

const roles = (...names: string[]): Shipped[] =>
  names.map((name) => ({ resourceType: 'AccessPolicy', id: name.replace(/ .*/, ''), name }));
const put = (value: Shipped) =>
  records.transact(LOCAL_CALLER, [
    { kind: 'update', type: value.resourceType, id: value.id, resource: { value, exact: value } },
  ]);
/** What a release does at its start, and what it says of it. */
const release = async (...names: string[]) => {
  const said: string[] = [];
  await loadRolePolicies(records, settings, (message) => said.push(message), roles(...names));
  return said;
};
const stored = async (id: string) => {
  const { version, content } = await records.read(LOCAL_CALLER, 'AccessPolicy', id);
  return [version, (JSON.parse(content) as { name: string }).name];
};

test('a release stores its policies once', async () => {
  expect(await release('nurse 1', 'doctor 1', 'clerk 1')).toEqual([]);
  expect(await release('nurse 1', 'doctor 1', 'clerk 1')).toEqual([]);
  expect(await stored('nurse')).toEqual([1, 'nurse 1']);
});

test('the next one replaces what nobody has touched; what somebody changed or deleted stays', async () => {
  await put(roles('doctor of the clinic')[0]!);
  await records.delete(LOCAL_CALLER, 'AccessPolicy', 'clerk');
  const said = await release('nurse 2', 'doctor 2', 'clerk 2', 'porter 2');
  expect(said.map((one) => one.split(' ')[0])).toEqual(['AccessPolicy/doctor', 'AccessPolicy/clerk']);
  expect(await stored('nurse')).toEqual([2, 'nurse 2']);
  expect(await stored('doctor')).toEqual([2, 'doctor of the clinic']);
  await expect(stored('clerk')).rejects.toThrow();
  expect(await stored('porter')).toEqual([1, 'porter 2']);
});

test('a start that was cut off before it was noted says nothing', async () => {
  const noted = (await settings.read('roles'))!;
  await release('nurse 3', 'porter 2');
  await settings.write('roles', noted);
  expect(await release('nurse 3', 'porter 2')).toEqual([]);
  expect((await stored('nurse'))[1]).toBe('nurse 3');
});

test('of a release that noted names alone, first versions are its own', async () => {
  await settings.write(
    'roles',
    JSON.stringify(['Project/maxray', 'AccessPolicy/porter', 'AccessPolicy/doctor']),
  );
  expect(await release('porter 4', 'doctor 4')).toHaveLength(1);
  expect(await stored('porter')).toEqual([2, 'porter 4']);
  expect(await stored('doctor')).toEqual([2, 'doctor of the clinic']);
});
