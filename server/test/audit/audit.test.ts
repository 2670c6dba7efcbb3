import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { Audit, type AuditSettings } from '../../src/audit/audit.ts';
import { auditLayout } from '../../src/audit/layout.ts';
import { readStoreSecret } from '../../src/store/postgres/migrations/storeSecret.ts';
import { folders, journalsIn, readRecord, until } from './support.ts';
import { auditWorld, type AuditWorld } from './world.ts';

const site = folders();
let world: AuditWorld;
let dataDir: string;
beforeAll(async () => {
  world = await auditWorld();
  dataDir = site.make();
});
afterAll(async () => {
  site.cleanUp();
  await world.close();
});

async function audit(settings: Partial<AuditSettings> = {}): Promise<Audit> {
  const { database, schema, logged } = world;
  const one = new Audit({
    database,
    schema,
    secret: await readStoreSecret(database, schema),
    base: 'https://clinic.example/fhir/R4',
    dataDir,
    settings: { strict: false, journalBytesMax: 2 ** 26, ...settings },
    log: (level, message) => void logged.push(`${level} ${message}`),
  });
  one.start();
  return one;
}

test('what is appended is found, shown, sealed and sent', async () => {
  const file = path.join(site.make(), 'events.ndjson');
  const one = await audit({ file });
  await one.append(readRecord({ requestId: 'first', patients: ['of-this-test'] }));
  const conditions = [{ by: 'patient' as const, ids: ['of-this-test'] }];
  await until(async () => (await one.search.count(conditions)) === 1, 'it is in the log');
  const { records } = await one.search.find({ conditions, count: 10 });
  expect(one.event(records[0]!)).toMatchObject({
    resourceType: 'AuditEvent',
    id: `audit-${records[0]!.place}`,
  });
  const sent = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  await until(() => sent().includes('"reference":"Patient/of-this-test"'), 'it is sent');
  await one.stop();
  await world.sealAll(dataDir);
  expect((await world.verify(dataDir)).finding).toBeUndefined();
  const { folder, key } = auditLayout(dataDir);
  expect(journalsIn(dataDir)).toEqual([]);
  expect([statSync(folder).mode & 0o777, statSync(key).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('a write records itself with rows of the same form', async () => {
  const one = await audit();
  const record = readRecord({ requestId: 'write', event: 'update' });
  await world.database.transaction(async (tx) => {
    await tx.query(one.statement([record]));
  });
  expect((await world.all()).at(-1)?.record).toEqual(record);
  expect(one.rows([record])).toHaveLength(1);
  await one.stop();
});

test('while connections to the database break, nothing is lost or comes twice', async () => {
  const superuser = new Client(world.connection as string | ClientConfig);
  await superuser.connect();
  const one = await audit();
  const names: string[] = [];
  let broken = 0;
  for (let i = 0; broken < 10; i += 1) {
    const some = Array.from({ length: 100 }, (_, n) => `cut-${i}-${n}`);
    names.push(...some);
    await Promise.all(some.map((requestId) => one.append(readRecord({ requestId }))));
    const { rowCount } = await superuser.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'maxray-write' AND query LIKE $1`,
      [`%"${world.schema}"%`],
    );
    broken += rowCount ?? 0;
    await sleep(20); // they come back
  }
  await superuser.end();
  const found = async () =>
    (await world.all()).map(({ record }) => record.requestId!).filter((name) => name.startsWith('cut-'));
  await until(async () => (await found()).length >= names.length, 'all are in the log');
  expect((await found()).sort()).toEqual(names.sort());
  await one.stop();
  await world.sealAll(dataDir);
  expect((await world.verify(dataDir)).finding).toBeUndefined();
});
