import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import type { TenantKeeper } from '../../src/records/tenants.ts';
import { Lifetime } from '../../src/main/lifetime.ts';
import { openMachine, type Machine } from '../../src/main/machine.ts';
import { openBlobs } from '../../src/main/storage.ts';
import { storePlace } from '../../src/main/storePlace.ts';
import { tenantKeeper } from '../../src/main/tenants/tenantKeeper.ts';
import { Tenants } from '../../src/main/tenants/tenants.ts';
import { tenantUrl } from '../../src/main/tenants/tenantUrl.ts';
import { TenantTable } from '../../src/store/tenants/tenantTable.ts';
import { testConnection } from '../support/postgres.ts';
import { until } from '../support/program.ts';
import { removeFolder } from '../support/removeFolder.ts';
import { urlOf } from '../support/server.ts';

const IDLE_MS = 200;
const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'maxray-tenants-'));
const lifetime = new Lifetime();
let machine: Machine;
let tenants: Tenants;
let restarted: Tenants;
let keeper: TenantKeeper;
let url: string;
/** Lines of the log. */
const logged: string[] = [];
beforeAll(async () => {
  const config = {
    ...readConfig({}),
    databaseUrl: urlOf(await testConnection()),
    ...{ databaseSchema, dataDir, roles: false, dicom: 'off' as const },
  };
  const stopping = new AbortController().signal;
  const log = pino({ level: 'warn' }, { write: (line) => void logged.push(line) });
  machine = await openMachine({ config, log, onProgress: () => undefined, stopping }, lifetime);
  const blobs = await openBlobs(config, dataDir, lifetime);
  const server = http.createServer((request, response) => {
    const unknown = () => response.writeHead(404).end();
    tenants.answer(request, response, tenantUrl(request.url!)!, { unknown, failed: unknown });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  lifetime.atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const { database, key } = machine;
  const main = storePlace({ schema: databaseSchema, database, root: url, key, dataDir, blobs });
  let openings = 0;
  const newPrefix = () => `t${(openings += 1)}`;
  const parts = { machine, main, ready: () => true, folders: path.join(dataDir, 'tenants'), newPrefix };
  tenants = new Tenants({ ...parts, idleMs: IDLE_MS });
  restarted = new Tenants(parts);
  lifetime.atEnd(() => restarted.stop());
  await tenants.start();
  keeper = tenantKeeper(parts, tenants);
  for (const name of ['busy', 'idle']) await keeper.make(name);
});
afterAll(async () => {
  await lifetime.end();
  removeFolder(dataDir);
});

const schemaOf = async (name: string) =>
  (await new TenantTable(machine.database, databaseSchema).find(name))!.schema;
const run = (text: string) => machine.database.write({ name: '', text, values: [] });
/** How often the store was opened and closed, as its audit log has it. */
async function openings(name: string): Promise<{ started: number; stopped: number }> {
  const { rows } = await run(
    `SELECT count(*) FILTER (WHERE kind = 40)::int AS started, count(*) FILTER (WHERE kind = 41)::int AS stopped
     FROM "${await schemaOf(name)}".audit_record`,
  );
  return rows[0] as { started: number; stopped: number };
}
const metadata = async (name: string) => (await fetch(`${url}/t/${name}/fhir/R4/metadata`)).status;

test('a tenant that nobody asks is closed, and opened again when somebody does; one that has work is not', async () => {
  const job = `INSERT INTO "${await schemaOf('busy')}".job (id, kind, owner, request) VALUES ('j', 'of another release', 'x', '{}')`;
  await run(job);
  expect(await metadata('busy')).toBe(200);
  expect(await metadata('idle')).toBe(200);
  // Making opens and closes them once.
  await until(async () => (await openings('idle')).stopped === 2, 'the idle one is closed');
  await until(async () => (await openings('busy')).started === 2, 'the other one is open');
  expect((await openings('busy')).stopped).toBe(1);
  expect(await metadata('idle')).toBe(200);
  await until(async () => (await openings('idle')).started === 3, 'it is open again');
});

test('at the start of a server those are opened that have work or are to be migrated, and folders of tenants that are gone are removed', async () => {
  const left = path.join(dataDir, 'tenants', 't_gone_00000000');
  fs.mkdirSync(path.join(left, 'audit'), { recursive: true });
  await tenants.stop();
  const before = (await openings('busy')).started;
  const idle = (await openings('idle')).started;
  // As a release before the table left it.
  const schema = await schemaOf('idle');
  await run(`DELETE FROM "${schema}".migration WHERE number = 13`);
  await run(`DROP TABLE "${schema}".tenant`);
  await restarted.start();
  expect(fs.existsSync(left)).toBe(false);
  await until(async () => (await openings('busy')).started === before + 1, 'it is open without a request');
  await until(
    async () => (await openings('idle')).started === idle + 1,
    'the one of an earlier release, too',
  );
  const { rows } = await run(`SELECT to_regclass('"${schema}".tenant') IS NOT NULL AS made`);
  expect(rows).toEqual([{ made: true }]);
});

test('a removal ends requests that go on and waits for their records; it keeps all copies of checkpoints', async () => {
  await keeper.make('leaving');
  expect(await metadata('leaving')).toBe(200);
  const schema = await schemaOf('leaving');
  // The one that made it had made the first checkpoints; this one goes on until it is cut off.
  const running = http.request(`${url}/t/leaving/oauth2/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '100' },
  });
  const ended = new Promise<string>((resolve) => {
    running.on('error', () => resolve('cut off'));
    running.on('response', (response) => resolve(`answered ${response.statusCode}`));
  });
  running.write('grant_type=');
  const refused = await fetch(`${url}/t/leaving/fhir/R4/Patient`);
  expect(refused.status).toBe(401);
  const before = logged.length;
  await keeper.remove('leaving');
  expect(await ended).toBe('cut off');
  expect(logged.slice(before)).toEqual([]);
  const kept = path.join(dataDir, 'removed-tenants', schema);
  const lines = (file: string) => fs.readFileSync(path.join(kept, file), 'utf8').trim().split('\n');
  const numbers = (file: string) =>
    lines(file).flatMap((line) => {
      const { checkpoint, number } = JSON.parse(line) as { checkpoint?: { number: number }; number?: number };
      return checkpoint?.number ?? number ?? [];
    });
  expect(numbers('log.jsonl').length).toBeGreaterThan(1);
  expect(numbers('checkpoints.jsonl')).toEqual(numbers('log.jsonl'));
});

test.each([
  ['/t/city', { name: 'city', url: '/' }],
  ['/t/city?x', { name: 'city', url: '/?x' }],
  ['/t/city/fhir/R4/Patient?name=/t/x', { name: 'city', url: '/fhir/R4/Patient?name=/t/x' }],
  ['/t/a-b-1/', { name: 'a-b-1', url: '/' }],
  ['/.well-known/openid-configuration/t/city', { name: 'city', url: '/.well-known/openid-configuration' }],
  [
    '/.well-known/oauth-authorization-server/t/city?x=y',
    { name: 'city', url: '/.well-known/oauth-authorization-server?x=y' },
  ],
  ['/.well-known/openid-configuration/t/city/more', undefined],
  ['/.well-known/openid-configuration', undefined],
  ['/t/', undefined],
  ['/t//x', undefined],
  ['/t/City', undefined],
  ['/t/%63ity', undefined],
  ['/t/../x', undefined],
  ['/t/-a', undefined],
  ['/t/a--b', undefined],
  ['/tcity', undefined],
  ['/fhir/R4/t/city', undefined],
])('%s', (target, expected) => {
  expect(tenantUrl(target)).toEqual(expected);
});
