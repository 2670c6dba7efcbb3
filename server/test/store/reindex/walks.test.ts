import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Walks } from '../../../src/store/reindex/walks.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

const FORM = '1 http://here';

let db: TestDatabase;
let walks: Walks;
beforeAll(async () => {
  db = await testDatabase();
  walks = new Walks(db.database, db.schema);
});
afterAll(() => db.close());

const sql = async (text: string) =>
  (await db.database.write({ name: '', text: text.replaceAll('$schema', `"${db.schema}"`), values: [] }))
    .rows;

beforeEach(async () => {
  await sql('DELETE FROM $schema.reindex');
  await sql('DELETE FROM $schema.search_parameter');
});

/** Ends the claim of a worker that gives no sign of life any more. */
const lose = (worker: string) =>
  sql(`UPDATE $schema.reindex SET seen = seen - interval '1 hour' WHERE worker = '${worker}'`);
const claim = async (worker: string, form = FORM) => (await walks.claim(worker, form))?.type;
async function finish(worker: string, type: string): Promise<void> {
  const walk = (await walks.all()).find((one) => one.type === type)!;
  await db.database.transaction((tx) => walks.finish(tx, worker, walk));
}
async function advance(type: string, lastRid: string): Promise<void> {
  await db.database.transaction((tx) => walks.advance(tx, type, { lastRid, done: 10, changed: 4 }));
}

test('there is nothing to claim but what was asked for', async () => {
  await sql(`INSERT INTO $schema.reindex (type, needed_by) VALUES ('Patient', 1)`);
  expect(await claim('a')).toBeUndefined();
  await walks.requestNeeded();
  expect(await claim('a')).toBe('Patient');
});

test('one worker at a time is at work, type by type', async () => {
  await walks.request(['Patient', 'Group']);
  expect(await claim('a')).toBe('Group');
  expect(await claim('b')).toBeUndefined();
  expect(await claim('a')).toBe('Group');
  await finish('a', 'Group');
  expect(await claim('a')).toBe('Patient');
  await finish('a', 'Patient');
  expect(await claim('a')).toBeUndefined();
});

test('the walk of a worker that is lost goes on elsewhere, where it stands', async () => {
  await walks.request(['Patient']);
  await claim('a');
  await advance('Patient', '17');
  expect(await claim('b')).toBeUndefined();
  await lose('a');
  expect(await walks.claim('b', FORM)).toMatchObject({
    type: 'Patient',
    lastRid: '17',
    done: 10,
    changed: 4,
  });
});

test('a sign of life keeps it, giving it back lets it go at once', async () => {
  await walks.request(['Patient']);
  await claim('a');
  await lose('a');
  await walks.keep('a');
  expect(await claim('b')).toBeUndefined();
  await walks.release('a');
  expect(await claim('b')).toBe('Patient');
});

test('a worker whose walk was taken over can neither go on with it nor end it', async () => {
  await walks.request(['Patient']);
  const walk = (await walks.claim('a', FORM))!;
  await lose('a');
  await claim('b');
  expect(await db.database.transaction((tx) => walks.lock(tx, 'a', walk))).toBeUndefined();
  await finish('a', 'Patient');
  expect(await walks.all()).toMatchObject([{ requested: true }]);
  expect((await walks.all())[0]!.finished).toBeUndefined();
});

test('a walk that is needed for another reason meanwhile is no longer the one that was claimed', async () => {
  await walks.request(['Patient']);
  const walk = (await walks.claim('a', FORM))!;
  await sql('UPDATE $schema.reindex SET needed_by = needed_by + 1');
  expect(await db.database.transaction((tx) => walks.lock(tx, 'a', walk))).toBeUndefined();
  await db.database.transaction((tx) => walks.finish(tx, 'a', walk));
  expect((await walks.all())[0]!.finished).toBeUndefined();
});

test('in another form a walk begins anew, in its own it goes on', async () => {
  await walks.request(['Patient']);
  await claim('a');
  await advance('Patient', '17');
  await walks.release('a');
  expect(await walks.claim('b', FORM)).toMatchObject({ lastRid: '17', done: 10 });
  await walks.release('b');
  expect(await walks.claim('c', '2 http://here')).toMatchObject({ lastRid: '0', done: 0, changed: 0 });
});

test('what has ended is walked anew when asked for; what has not goes on', async () => {
  await walks.request(['Group', 'Patient']);
  await claim('a');
  await finish('a', 'Group');
  await claim('a');
  await advance('Patient', '17');
  await walks.request(['Group', 'Patient']);
  expect(await walks.all()).toMatchObject([
    { type: 'Group', requested: true, done: 0, lastRid: '0' },
    { type: 'Patient', requested: true, done: 10, lastRid: '17' },
  ]);
  expect((await walks.all())[0]!.finished).toBeUndefined();
});

test('for a form only those are walked anew that were not walked for it', async () => {
  await walks.request(['Group', 'Patient']);
  await claim('a', FORM);
  await finish('a', 'Group');
  await claim('a', '0 http://here');
  await finish('a', 'Patient');
  expect(await walks.areWalked(['Group', 'Patient'], FORM)).toBe(false);
  await walks.request(['Group', 'Patient'], FORM);
  expect((await walks.all()).map(({ finished }) => finished !== undefined)).toEqual([true, false]);
  await claim('a', FORM);
  await finish('a', 'Patient');
  expect(await walks.areWalked(['Group', 'Patient'], FORM)).toBe(true);
});

test('parameters are ready when the last of their types is walked, and not those that are not used', async () => {
  await sql(`INSERT INTO $schema.search_parameter (id, rid, version, types, revision, fault) VALUES
    ('both', 1, 1, '{Group,Patient}', 1, NULL), ('one', 2, 1, '{Group}', 1, NULL), ('none', 3, 1, '{}', NULL, 'wrong')`);
  await walks.request(['Group', 'Patient']);
  const ready = async () =>
    (await sql('SELECT id FROM $schema.search_parameter WHERE ready ORDER BY id')).map(
      ({ id }) => id as string,
    );
  const change = async () => Number((await sql('SELECT change FROM $schema.index_plan'))[0]!.change);
  const start = await change();
  await claim('a');
  await finish('a', 'Group');
  expect([await ready(), await change()]).toEqual([['one'], start + 1]);
  await claim('a');
  await finish('a', 'Patient');
  expect([await ready(), await change()]).toEqual([['both', 'one'], start + 2]);
});

test('a type with a fault keeps no other waiting', async () => {
  await walks.request(['Group', 'Patient']);
  await walks.fail('a', (await walks.claim('a', FORM))!, 'it cannot be');
  expect(await claim('a')).toBe('Patient');
  await finish('a', 'Patient');
  expect(await claim('a')).toBe('Group');
});

test('a fault stays until the walk goes on, and gives it back to any worker', async () => {
  await walks.request(['Patient']);
  const walk = (await walks.claim('a', FORM))!;
  await walks.fail('a', walk, 'it cannot be');
  expect(await walks.all()).toMatchObject([{ fault: 'it cannot be', attended: false }]);
  expect(await claim('b')).toBe('Patient');
  await walks.fail('a', walk, 'told too late');
  expect(await walks.all()).toMatchObject([{ fault: 'it cannot be', attended: true }]);
  await advance('Patient', '17');
  expect((await walks.all())[0]!.fault).toBeUndefined();
});
