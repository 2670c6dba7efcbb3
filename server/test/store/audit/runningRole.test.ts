import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import pg, { type ClientConfig } from 'pg';
import { OUTCOME } from '../../../src/audit/record.ts';
import { AuditRows } from '../../../src/store/audit/auditRows.ts';
import { AuditTable } from '../../../src/store/audit/auditTable.ts';
import { canChangeLog, grantRunningRole } from '../../../src/store/audit/runningRole.ts';
import { openDatabase, type Database } from '../../../src/store/postgres/database.ts';
import { migrate } from '../../../src/store/postgres/migrations/migrate.ts';
import { startTestServer } from '../../support/server.ts';
import { folders, readRecord } from '../../audit/support.ts';
import { auditWorld, type AuditWorld } from '../../audit/world.ts';

const role = `run_${randomBytes(4).toString('hex')}`;
const PASSWORD = "it's a password";
const site = folders();
let world: AuditWorld;
let connection: ClientConfig;
let database: Database;
let running: Client;

beforeAll(async () => {
  world = await auditWorld();
  await grantRunningRole(world.database, world.schema, role, PASSWORD);
  const { host, port, database: name } = new pg.Client(world.connection as string | ClientConfig);
  connection = { host, port, user: role, password: PASSWORD, ...(name !== undefined && { database: name }) };
  database = await openDatabase({ connection });
  running = new pg.Client(connection);
  await running.connect();
  await running.query(`SET search_path = "${world.schema}"`);
});
afterAll(async () => {
  site.cleanUp();
  await running.end();
  await database.close();
  const drop = (text: string) => world.database.transaction((tx) => tx.query({ name: '', text, values: [] }));
  await drop(`DROP OWNED BY "${role}" CASCADE`);
  await drop(`DROP ROLE "${role}"`);
  await world.close();
});

describe('the role that runs the server', () => {
  test.each([
    'UPDATE audit_record SET outcome = 8',
    'DELETE FROM audit_record',
    'TRUNCATE audit_record',
    'DROP TABLE audit_record',
    'ALTER TABLE audit_record DISABLE TRIGGER ALL',
    'ALTER TABLE audit_record ALTER place RESTART WITH 1',
    'DROP TRIGGER append_only ON audit_record',
    'CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
    'UPDATE audit_checkpoint SET records = 0',
    'DELETE FROM audit_checkpoint',
    'TRUNCATE audit_checkpoint',
    'DELETE FROM audit_journal',
    'SET session_replication_role = replica',
    "SELECT setval('audit_record_place_seq', 1)",
    'DELETE FROM migration',
    'CREATE ROLE more SUPERUSER',
  ])('may not %s', async (sql) => {
    await expect(running.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  test('is told from one that could change the log', async () => {
    expect(await canChangeLog(database, world.schema)).toBe(false);
    expect(await canChangeLog(world.database, world.schema)).toBe(true);
  });

  test('writes, moves and seals the log', async () => {
    const table = new AuditTable(database, world.schema);
    const row = {
      recordedMs: 1,
      kind: 1,
      outcome: OUTCOME.success,
      version: null,
      keys: [1n],
      payload: '{}',
    };
    await table.write([row]);
    await table.register('00000000-0000-4000-8000-000000000001');
    const batch = {
      journal: '00000000-0000-4000-8000-000000000001',
      from: 0,
      to: 1,
      rows: AuditRows.of([row]),
    };
    expect(await table.move(batch)).toBe(true);
    const dataDir = site.make();
    await world.sealAll(dataDir, world.sealerOn(database, dataDir));
    expect(await world.verify(dataDir)).toEqual({ checkpoints: 1, records: 2, unsealed: 0 });
  });

  test('finds nothing to migrate, and can be made again', async () => {
    await grantRunningRole(world.database, world.schema, role);
    expect(await migrate(database, world.schema)).toEqual([]);
    await world.write(readRecord());
  });

  test('runs a whole server: its tables are made at first use, found, indexed and removed', async () => {
    const password = encodeURIComponent(PASSWORD);
    const { host, port, database: name } = connection;
    const url = `postgresql://${role}:${password}@${encodeURIComponent(host!)}:${port}/${name}`;
    const server = await startTestServer({ databaseUrl: url, databaseSchema: world.schema });
    try {
      const base = `${server.url}/fhir/R4`;
      const headers = { 'content-type': 'application/fhir+json', authorization: server.authorization };
      const body = JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Lovelace' }] });
      const made = await fetch(`${base}/Patient`, { method: 'POST', headers, body });
      expect(made.status).toBe(201);
      const found = (await (await fetch(`${base}/Patient?family=lovelace`, { headers })).json()) as {
        entry: unknown[];
      };
      expect(found.entry).toHaveLength(1);
      const history = (await (await fetch(`${base}/_history`, { headers })).json()) as { entry: unknown[] };
      expect(history.entry).toHaveLength(1);
      const reindexed = await fetch(`${base}/$reindex`, {
        method: 'POST',
        headers,
        body: '{"resourceType":"Parameters"}',
      });
      expect(reindexed.status).toBeLessThan(300);
    } finally {
      await server.stop();
    }
  });
});
