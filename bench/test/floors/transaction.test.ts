import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { testConnection } from '../../../server/test/support/postgres.ts';
import { openDatabase, type BenchDatabase } from '../../src/database/database.ts';
import { urlOf, type ConnectionParts } from '../../src/database/url.ts';
import { transactionFloor } from '../../src/floors/transaction.ts';
import type { OpenFloor } from '../../src/floors/floor.ts';

let server: Server;
let floor: OpenFloor;
let adminUrl: string;
let database: BenchDatabase;
const name = `bench_transaction_${randomBytes(4).toString('hex')}`;
beforeAll(async () => {
  const connection = await testConnection();
  adminUrl = typeof connection === 'string' ? connection : urlOf(connection as ConnectionParts);
  database = await openDatabase(adminUrl, false, name);
  await database.client.query('CREATE SCHEMA floor');
  floor = await transactionFloor.open(database.url, 'pool of 4');
  server = createServer((request, response) => void floor.handle(request, response)).listen(0);
});
afterAll(async () => {
  server.close();
  await floor.close();
  await database.close();
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
});

test('the floor of transactions writes what the bundle says', async () => {
  const { port } = server.address() as AddressInfo;
  const resource = (mark: string) => ({ resourceType: 'Patient', language: mark });
  const send = async (entry: object[]) => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: JSON.stringify({ entry }),
    });
    return ((await answer.json()) as { entry: object[] }).entry.length;
  };
  const put = (id: string, mark: string) => ({
    resource: resource(mark),
    request: { method: 'PUT', url: `Patient/${id}` },
  });
  expect(
    await send([
      put('b', '1'),
      put('a', '1'),
      { resource: resource('new'), request: { method: 'POST', url: 'Patient' } },
    ]),
  ).toBe(3);
  expect(
    await send([
      put('a', '2'),
      { request: { method: 'DELETE', url: 'Patient/b' } },
      { request: { method: 'GET', url: 'Patient/a' } },
    ]),
  ).toBe(3);
  const { rows } = await database.client.query(
    `SELECT content::json->>'language' AS mark FROM floor."written_Patient" ORDER BY 1`,
  );
  expect(rows).toEqual([{ mark: '2' }, { mark: 'new' }]);
});
