import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { isStalePlan } from '../../../src/store/resource/insertSql.ts';
import type { KnownPlan } from '../../../src/store/resource/plannedWrites.ts';
import { walkBatch } from '../../../src/store/reindex/walkBatch.ts';
import { Walks, type Walk } from '../../../src/store/reindex/walks.ts';
import type { Store } from '../../../src/store/store.ts';
import { testConnection } from '../../support/postgres.ts';
import { until } from '../../support/program.ts';
import { contact, putOf, ReindexWorld } from './reindexWorld.ts';

const WORKER = 'worker';

let world: ReindexWorld;
let server: Store;
let walks: Walks;
let other: Client;
let otherPid: number;
beforeAll(async () => {
  world = await ReindexWorld.open();
  server = await world.server();
  walks = new Walks(world.database, world.schema);
  other = new Client(await testConnection());
  await other.connect();
  const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  otherPid = rows[0]!.pid;
  await server.types.ensure('Patient');
});
afterAll(async () => {
  await other.end();
  await world.close();
});

let walk: Walk;
beforeEach(async () => {
  for (const table of ['patient', 'patient_strings', 'patient_ranges', 'patient_history', 'reindex'])
    await world.sql(`DELETE FROM $schema.${table}`);
  await world.sql(`DELETE FROM $schema.changes WHERE type = 'Patient'`);
});

/** Patients in the order of their row ids, without any of their strings; and a claimed walk. */
async function damaged(
  count: number,
  members: (i: number) => object = (i) => contact(`c${i}`),
): Promise<void> {
  for (let i = 0; i < count; i++) await server.writer.write(putOf(server, `Patient/p${i}`, members(i)));
  await world.sql('DELETE FROM $schema.patient_strings');
  await walks.request(['Patient']);
  walk = (await walks.claim(WORKER, 'form'))!;
}
const named = (i: number) => ({ name: [{ family: `f${i}` }] });
/** @returns whether the walk goes on */
async function step(plan: KnownPlan = server.plans): Promise<boolean> {
  const parts = { database: world.database, schema: world.schema, walks, plan };
  const { kind, walk: at } = await walkBatch(parts, WORKER, walk);
  if (kind === 'goes on')
    expect(await walks.all()).toMatchObject([{ lastRid: at.lastRid, done: at.done, changed: at.changed }]);
  return kind === 'goes on';
}
const standing = async () => {
  const { done, changed, total, finished } = (await walks.all())[0]!;
  return { done, changed, total, isFinished: finished !== undefined };
};
const repaired = async () =>
  (
    await world.sql(
      `SELECT id FROM $schema.patient p WHERE EXISTS (SELECT FROM $schema.patient_strings s WHERE s.rid = p.rid) ORDER BY id`,
    )
  ).map(({ id }) => id);

test('a hundred resources at a time, to the end', async () => {
  await damaged(105, named);
  expect([await step(), await standing()]).toEqual([
    true,
    { done: 100, changed: 100, total: 105, isFinished: false },
  ]);
  expect([await step(), (await standing()).done]).toEqual([true, 105]);
  expect([await step(), await standing()]).toEqual([
    false,
    { done: 105, changed: 105, total: 105, isFinished: true },
  ]);
  expect(await world.differences(server)).toEqual([]);
});

test('what is as it should be is not written again', async () => {
  await server.writer.write(putOf(server, 'Patient/fine', named(0)));
  await walks.request(['Patient']);
  walk = (await walks.claim(WORKER, 'form'))!;
  const place = () => world.sql('SELECT ctid::text, xmin::text FROM $schema.patient');
  const before = await place();
  await step();
  expect([await standing(), await place()]).toEqual([
    { done: 1, changed: 0, total: 1, isFinished: false },
    before,
  ]);
});

test('every kind of row is made right: keys, main date, patient, ordered, strings, ranges', async () => {
  const observation = {
    status: 'final',
    code: { coding: [{ system: 'urn:c', code: 'c' }] },
    subject: { reference: 'Patient/a' },
    effectiveDateTime: '2024-02-03',
    valueQuantity: { value: 5, unit: 'mg' },
    issued: '2024-02-03T10:00:00Z',
  };
  await server.writer.write(putOf(server, 'Observation/o', observation));
  for (const damage of [
    // What stands in the ordered table is found by the row's keys and date: these two are changed as an old plan would.
    `UPDATE $schema.observation SET keys = keys || 5::bigint`,
    `WITH o AS (UPDATE $schema.observation_ordered SET date = '2000-01-01') UPDATE $schema.observation SET date_lo = '2000-01-01'`,
    `UPDATE $schema.observation SET pat = 3`,
    `DELETE FROM $schema.observation_ordered`,
    `DELETE FROM $schema.observation_ordered o USING $schema.observation m WHERE NOT o.key = ANY (m.keys)`,
    `UPDATE $schema.observation_ordered SET quantity = 6`,
    `DELETE FROM $schema.observation_ranges`,
    `INSERT INTO $schema.observation_strings (rid, param, exact, value) SELECT rid, 1, 1, 'strange' FROM $schema.observation`,
  ]) {
    await world.sql(damage);
    expect(await world.differences(server)).not.toEqual([]);
    await walks.request(['Observation']);
    walk = (await walks.claim(WORKER, 'form'))!;
    while (await step());
    expect([damage, await world.differences(server)]).toEqual([damage, []]);
  }
  await server.writer.write({ method: 'D', type: 'Observation', id: 'o' });
});

test('what gets other keys has a signature no more; everything else keeps its own', async () => {
  const signed = () =>
    world.sql(`SELECT m.id, c.version, c.keys_a IS NOT NULL AND c.keys_b IS NOT NULL AS "isSigned"
      FROM $schema.changes c JOIN $schema.patient m USING (rid) ORDER BY m.id, c.version`);
  await server.writer.write(putOf(server, 'Patient/a', named(0)));
  await server.writer.write(putOf(server, 'Patient/b', named(1)));
  await server.writer.write(putOf(server, 'Patient/b', named(2)));
  const all = [
    { id: 'a', version: 1, isSigned: true },
    { id: 'b', version: 1, isSigned: true },
    { id: 'b', version: 2, isSigned: true },
  ];
  expect(await signed()).toEqual(all);
  await world.sql(`UPDATE $schema.patient SET keys = keys || 5::bigint WHERE id = 'b'`);
  expect(await world.differences(server)).toContain('Patient/b signature');
  await walks.request(['Patient']);
  walk = (await walks.claim(WORKER, 'form'))!;
  while (await step());
  expect(await signed()).toEqual([...all.slice(0, 2), { ...all[2], isSigned: false }]);
  expect(await world.differences(server)).toEqual([]);
});

test('it ends before a resource that is being written, and waits for it alone', async () => {
  await damaged(3, named);
  await other.query('BEGIN');
  await other.query(`SELECT FROM "${world.schema}".patient WHERE id = 'p1' FOR UPDATE`);
  expect([await step(), await repaired(), (await standing()).done]).toEqual([true, ['p0'], 1]);
  const waiting = step();
  await until(async () => {
    const blocked = await world.sql(
      `SELECT FROM pg_locks WHERE NOT granted AND ${otherPid} = ANY (pg_blocking_pids(pid))`,
    );
    return blocked.length > 0;
  }, 'the walk waited');
  // Behind it everybody may write: whoever waited for the walk could be the one that it waits for.
  await server.writer.write(putOf(server, 'Patient/p2', named(2)));
  await other.query(`SELECT FROM "${world.schema}".patient WHERE id = 'p2' FOR UPDATE NOWAIT`);
  await other.query('COMMIT');
  expect([await waiting, await repaired(), (await standing()).done]).toEqual([true, ['p0', 'p1', 'p2'], 2]);
});

test('it does not wait for long at a time: then it stands where it stood, and is tried again', async () => {
  await damaged(2, named);
  await other.query('BEGIN');
  await other.query(`SELECT FROM "${world.schema}".patient WHERE id = 'p0' FOR UPDATE`);
  expect([await step(), (await standing()).done]).toEqual([true, 0]);
  await other.query('COMMIT');
  expect([await step(), (await standing()).done]).toEqual([true, 2]);
});

test('what another transaction has written meanwhile is what counts', async () => {
  await damaged(1, named);
  await other.query('BEGIN');
  await other.query(
    `UPDATE "${world.schema}".patient SET content = replace(content, 'f0', 'changed') WHERE id = 'p0'`,
  );
  const waiting = step();
  await other.query('COMMIT');
  await waiting;
  expect((await world.sql('SELECT value FROM $schema.patient_strings')).map(({ value }) => value)).toContain(
    'changed',
  );
  expect(await world.differences(server)).toEqual([]);
});

test('few large resources make a batch', async () => {
  await damaged(3, (i) => ({
    ...named(i),
    text: { status: 'generated', div: `<div>${'x'.repeat(1_200_000)}</div>` },
  }));
  await step();
  expect((await standing()).done).toBe(1);
  await step();
  expect((await standing()).done).toBe(2);
});

test('by another plan than that of the store nothing is written, and nothing passed', async () => {
  await damaged(1, named);
  const strange: KnownPlan = {
    revision: server.plans.revision + 1,
    refresh: () => Promise.resolve(),
    index: (content) => server.plans.index(content),
  };
  const error: unknown = await step(strange).catch((caught: unknown) => caught);
  expect(isStalePlan(error)).toBe(true);
  expect([await repaired(), (await standing()).done]).toEqual([[], 0]);
});

test('a resource that cannot be indexed is named, and not passed', async () => {
  await damaged(2, named);
  const failing: KnownPlan = {
    revision: server.plans.revision,
    refresh: () => Promise.resolve(),
    index: (content) => {
      if (content.includes('p1')) throw new TypeError('no');
      return server.plans.index(content);
    },
  };
  await expect(step(failing)).rejects.toThrow('Patient/p1 cannot be indexed');
  expect((await standing()).done).toBe(0);
});

test('a walk that was taken away is left alone', async () => {
  await damaged(1, named);
  await walks.release(WORKER);
  await walks.claim('somebody', 'form');
  expect([await step(), await repaired(), (await standing()).done]).toEqual([false, [], 0]);
});

test('a type without tables ends at once', async () => {
  await walks.request(['Group']);
  walk = (await walks.claim(WORKER, 'form'))!;
  expect([await step(), (await standing()).isFinished]).toEqual([false, true]);
});
