import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { rowOf } from '../../../src/audit/encode.ts';
import type { AuditEventName } from '../../../src/audit/events.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { contentParts } from '../../../src/store/resource/content.ts';
import type { CreateWrite, DeleteWrite, PutWrite, Write } from '../../../src/store/resource/types.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { readStoreSecret } from '../../../src/store/postgres/migrations/storeSecret.ts';
import { readRecord } from '../../audit/support.ts';
import { auditWorld, type AuditWorld } from '../../audit/world.ts';
import { r4Definitions } from '../../support/definitions.ts';

let world: AuditWorld;
let store: Store;
beforeAll(async () => {
  world = await auditWorld();
  const { database, schema } = world;
  const secret = await readStoreSecret(database, schema);
  store = openStore(database, schema, await r4Definitions(), secret, 'http://x/fhir/R4');
});
afterAll(() => world.close());

/** What the log says since the last call. */
let seen = 0;
async function news(): Promise<[string, string][]> {
  const all = await world.all();
  const fresh = all.slice(seen);
  seen = all.length;
  return fresh.map(({ record }) => [record.event, record.resources[0]!]);
}

const audit = (event: AuditEventName, id: string) => [
  rowOf(readRecord({ event, resources: [`Basic/${id}`] }), world.keys),
];

function written(id: string) {
  const resource: Resource = { resourceType: 'Basic', id, code: { text: randomUUID() } };
  return { type: 'Basic', id, content: contentParts(resource, id), index: store.indexer.index(resource) };
}
const create = (id: string): CreateWrite => ({ method: 'C', ...written(id), audit: audit('create', id) });
const put = (id: string, expected: { expectedVersion?: number } = {}): PutWrite => ({
  method: 'U',
  ...written(id),
  ...expected,
  audit: audit('update', id),
});
const remove = (id: string): DeleteWrite => ({
  method: 'D',
  type: 'Basic',
  id,
  audit: audit('delete', id),
});
const unrecorded = <W extends Write>({ audit: _, ...write }: W) => write;

test('writes that share a statement are recorded with their versions, those without rows not at all', async () => {
  const results = await Promise.all([
    store.writer.write(create('c1')),
    store.writer.write(unrecorded(create('c2'))),
    store.writer.write(create('c3')),
    store.writer.write(unrecorded(put('p1'))),
    store.writer.write(put('p2')),
  ]);
  expect(results.every(({ applied }) => applied)).toBe(true);
  expect((await news()).sort()).toEqual([
    ['create', 'Basic/c1/_history/1'],
    ['create', 'Basic/c3/_history/1'],
    ['update', 'Basic/p2/_history/1'],
  ]);
  await Promise.all([
    store.writer.write(put('p1')),
    store.writer.write(put('p2')),
    store.writer.write(put('c3')),
  ]);
  await store.writer.write(remove('p1'));
  expect((await news()).sort()).toEqual([
    ['delete', 'Basic/p1/_history/3'],
    ['update', 'Basic/c3/_history/2'],
    ['update', 'Basic/p1/_history/2'],
    ['update', 'Basic/p2/_history/2'],
  ]);
});

test('what was not applied is not recorded as done', async () => {
  await store.writer.write(put('n1'));
  await news();
  const results = await Promise.all([
    store.writer.write(put('n1', { expectedVersion: 7 })),
    store.writer.write(put('n2', { expectedVersion: 1 })),
    store.writer.write(remove('n3')),
    store.writer.write(put('n4')),
  ]);
  expect(results.map(({ applied }) => applied)).toEqual([false, false, false, true]);
  expect(await news()).toEqual([['update', 'Basic/n4/_history/1']]);
});

test('writes of one resource at the same time are each recorded once, with the version that each made', async () => {
  const results = await Promise.all(Array.from({ length: 40 }, () => store.writer.write(put('hot'))));
  const versions = results.map((result) => (result.applied ? result.version : 0)).sort((a, b) => a - b);
  expect(versions).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  const recorded = (await news()).map(([, resource]) => resource).sort();
  expect(recorded).toEqual(versions.map((version) => `Basic/hot/_history/${version}`).sort());
});

test('a resource may have several rows, in a transaction too, and a transaction that fails has none', async () => {
  const two = (write: PutWrite): PutWrite => ({
    ...write,
    audit: [...audit('update', write.id), ...audit('user-changed', write.id)],
  });
  const writeAll = (writes: readonly Write[], fails: boolean) =>
    store.database.transaction(async (tx) => {
      await store.writer.writeAll(writes, (statement) => tx.query(statement));
      if (fails) throw new Error('the rest failed');
    });
  await expect(writeAll([two(put('t1')), create('t2')], true)).rejects.toThrow('the rest failed');
  expect(await news()).toEqual([]);
  await writeAll([two(put('t1')), create('t2'), unrecorded(put('t3')), two(put('t0'))], false);
  expect(await news()).toEqual([
    ['update', 'Basic/t0/_history/1'],
    ['user-changed', 'Basic/t0/_history/1'],
    ['update', 'Basic/t1/_history/1'],
    ['user-changed', 'Basic/t1/_history/1'],
    ['create', 'Basic/t2/_history/1'],
  ]);
});

test('a large transaction is recorded as a whole', async () => {
  const writes = Array.from({ length: 1_200 }, (_, i) => put(`many-${i}`));
  await store.writer.ensureTypes(writes);
  await store.database.transaction(async (tx) => {
    await store.writer.writeAll(writes, (statement) => tx.query(statement));
  });
  const recorded = await news();
  expect(new Set(recorded.map(([, resource]) => resource)).size).toBe(1_200);
  expect(recorded).toHaveLength(1_200);
});
