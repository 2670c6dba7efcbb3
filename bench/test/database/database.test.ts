import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { testConnection } from '../../../server/test/support/postgres.ts';
import { bytesOnDisk } from '../../src/database/bytes.ts';
import { openDatabase, walPosition, type BenchDatabase } from '../../src/database/database.ts';
import { assertDurable } from '../../src/database/durable.ts';
import { loadFloorTables } from '../../src/database/floorTables.ts';
import { isLoaded, markLoaded } from '../../src/database/marker.ts';
import { urlOf, type ConnectionParts } from '../../src/database/url.ts';
import { dataPlan } from '../../src/data/plan.ts';
import { resourceCount } from '../../src/data/resources.ts';

const name = `bench_test_${randomBytes(4).toString('hex')}`;
let adminUrl: string;
let database: BenchDatabase;

beforeAll(async () => {
  const connection = await testConnection();
  adminUrl = typeof connection === 'string' ? connection : urlOf(connection as ConnectionParts);
  database = await openDatabase(adminUrl, false, name);
});

afterAll(async () => {
  await database.close();
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
});

test('a connection that does not wait for the disk is refused', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await expect(assertDurable(client)).resolves.toBeUndefined();
  await client.query('SET synchronous_commit = off');
  await expect(assertDurable(client)).rejects.toThrow('synchronous_commit = off');
  await client.end();
});

test('the floor holds the text of every resource, and the database knows its plan', async () => {
  const plan = dataPlan(0.002);
  expect(await isLoaded(database.client, plan, true)).toBe(false);
  const walBefore = await walPosition(database.client);
  await loadFloorTables(database.client, plan);
  const { rows } = await database.client.query<{ count: number }>(
    `SELECT count(*)::int FROM floor.resource WHERE content::jsonb ->> 'id' = id`,
  );
  expect(rows[0]?.count).toBe(resourceCount(plan));
  expect(await walPosition(database.client)).toBeGreaterThan(walBefore);
  await markLoaded(database.client, plan, true);
  expect(await isLoaded(database.client, plan, true)).toBe(true);
  expect(await isLoaded(database.client, plan, false)).toBe(false);
  expect(await isLoaded(database.client, dataPlan(0.003), true)).toBe(false);
});

test('bytes on disk are counted by type: content, indexes, side tables, history; changes in all', async () => {
  await database.client.query(`
    CREATE SCHEMA maxray;
    CREATE TABLE maxray.device (id text PRIMARY KEY, content text);
    CREATE TABLE maxray.device_history (id text PRIMARY KEY, content text);
    CREATE TABLE maxray.device_strings (value text);
    CREATE TABLE maxray.device_ranges (value text);
    CREATE TABLE maxray.changes (id text);
    INSERT INTO maxray.device SELECT 'd' || n, repeat('é', 500) FROM generate_series(1, 100) n;
    INSERT INTO maxray.device_strings VALUES ('x');
    INSERT INTO maxray.changes VALUES ('x');`);
  const [device, all, ...none] = await bytesOnDisk(database.client);
  expect(none).toEqual([]);
  const pageBytes = 8_192;
  const side = 2 * pageBytes;
  expect(device).toMatchObject({ type: 'device', resources: 100, content: 100_000 });
  expect(device?.heap).toBeGreaterThan(100_000);
  expect(device?.indexes).toBe(2 * pageBytes);
  // Each side table has its toast index (one page); the one with a row has a page more.
  expect(device?.side).toBe(side + pageBytes);
  expect(device?.ratio).toBeCloseTo(((device?.indexes ?? 0) + (device?.side ?? 0)) / 100_000);
  expect(all).toMatchObject({ type: 'all', resources: 100, content: 100_000 });
  expect((all?.side ?? 0) - (device?.side ?? 0)).toBe(side);
});

test('a database is kept on request', async () => {
  const kept = await openDatabase(adminUrl, true, name);
  expect(await isLoaded(kept.client, dataPlan(0.002), true)).toBe(true);
  await kept.close();
});
