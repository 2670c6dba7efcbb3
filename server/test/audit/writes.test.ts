import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rowOf } from '../../src/audit/encode.ts';
import { auditInsert } from '../../src/store/audit/auditRow.ts';
import { auditParameters } from '../../src/store/audit/auditRows.ts';
import { readRecord } from './support.ts';
import { auditWorld, type AuditWorld } from './world.ts';

let world: AuditWorld;
beforeAll(async () => {
  world = await auditWorld();
});
afterAll(() => world.close());

const update = (name: string) => readRecord({ requestId: name, event: 'update' });
const logged = async () =>
  (await world.all()).map(({ record: { requestId, resources } }) => [requestId, resources[0]]);

test('a write stores its records in its own transaction, or nothing of both', async () => {
  const rows = [update('w1'), update('w2')].map((record) => rowOf(record, world.keys));
  const work = world.database.transaction(async (tx) => {
    await tx.query(world.table.statement(rows));
    throw new Error('the write failed');
  });
  await expect(work).rejects.toThrow('the write failed');
  expect(await logged()).toEqual([]);
  await world.database.transaction(async (tx) => {
    await tx.query(world.table.statement(rows));
  });
  expect(await logged()).toEqual([
    ['w1', 'Observation/o1'],
    ['w2', 'Observation/o1'],
  ]);
});

test('as a part of a statement they name the versions that it wrote, and only what was applied', async () => {
  const rows = ['a', 'b', 'c'].map((name) => rowOf(update(name), world.keys));
  const insert = auditInsert({
    schema: world.schema,
    first: 2,
    applied: 'SELECT ord AS n, version FROM done',
  });
  const text = `WITH done AS MATERIALIZED (SELECT * FROM (VALUES (3, 7), (1, 5)) AS d (ord, version) WHERE $1),
    audit AS (${insert}) SELECT count(*)::integer AS done FROM done`;
  const { rows: answer } = await world.database.write({
    name: '',
    text,
    values: [true, ...auditParameters(rows)],
  });
  expect(answer).toEqual([{ done: 2 }]);
  expect((await logged()).slice(2)).toEqual([
    ['a', 'Observation/o1/_history/5'],
    ['c', 'Observation/o1/_history/7'],
  ]);
  await world.database.write({ name: '', text, values: [false, ...auditParameters(rows)] });
  expect(await logged()).toHaveLength(4);
});

test('records without keys, or none at all, are no fault', async () => {
  const none = { ...rowOf(update('x'), world.keys), keys: [] };
  await world.table.write([none]);
  await world.table.write([]);
  await world.database.transaction(async (tx) => {
    await tx.query(world.table.statement([]));
  });
  expect(await logged()).toHaveLength(5);
});
