import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { takeTenant } from '../../src/cli/tenantOption.ts';
import { testConnection } from '../support/postgres.ts';
import { CLI_SCRIPT, startProgram, until, workshop } from '../support/program.ts';
import { startTestServer, urlOf, type TestServer } from '../support/server.ts';
import { makeTenant, type TestTenant } from '../support/tenants.ts';

const site = workshop();
const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
let dataDir: string;
let server: TestServer;
let tenant: TestTenant;
beforeAll(async () => {
  dataDir = site.dataDir();
  fs.mkdirSync(dataDir);
  server = await startTestServer({ databaseSchema, dataDir });
  await server.api().put('/Patient/m').send({ resourceType: 'Patient', id: 'm' }).expect(201);
  tenant = await makeTenant(server, 'city');
  for (const id of ['p', 'q'])
    await tenant.api().put(`/Patient/${id}`).send({ resourceType: 'Patient', id }).expect(201);
});
afterAll(async () => {
  await server.stop();
  await site.cleanUp();
});

async function maxray(...args: string[]) {
  const program = startProgram(CLI_SCRIPT, args, {
    env: {
      MAXRAY_DATA_DIR: dataDir,
      DATABASE_URL: urlOf(await testConnection()),
      DATABASE_SCHEMA: databaseSchema,
    },
  });
  const { code } = await program.exited;
  return { code, out: program.stdout().trim(), error: program.stderr().trim() };
}

/** Its roles are off: the Project, a policy, a client, its membership, and two patients. */
const RESOURCES = 6;

test('verify and reindex look at the store of the tenant', async () => {
  const verified = await maxray('verify', '--tenant', 'city');
  expect([verified.code, verified.out.split('\n').at(-1)]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^${RESOURCES} resources, .*; 0 differences$`)),
  ]);
  const whole = await maxray('verify');
  expect(whole.out.split('\n').at(-1)).toMatch(/^1 resources, /);
  const reindexed = await maxray('reindex', '--all', '--tenant=city');
  expect([reindexed.code, reindexed.out]).toEqual([
    0,
    expect.stringContaining(`${RESOURCES} resources looked at`),
  ]);
});

test('audit verify looks at the log of the tenant, its keys and copies', async () => {
  await until(
    async () => /[1-9]\d* checkpoints/.test((await maxray('audit', 'verify', '--tenant', 'city')).out),
    'sealed',
  );
  const { code, out } = await maxray('audit', 'verify', '--tenant', 'city');
  expect([code, out]).toEqual([0, expect.stringContaining('all as they were sealed')]);
  expect(out).not.toContain('no copies');
});

test('a token of the tenant comes by the URL of its FHIR base and its client', async () => {
  const file = path.join(dataDir, 'client.json');
  fs.writeFileSync(
    file,
    JSON.stringify({ client_id: tenant.client.id, client_secret: tenant.client.secret }),
  );
  const { code, out } = await maxray('token', '--url', tenant.base, '--client', file);
  expect(code).toBe(0);
  const answer = await fetch(`${tenant.base}/Patient/p`, { headers: { Authorization: `Bearer ${out}` } });
  expect(answer.status).toBe(200);
  const loaded = path.join(dataDir, 'patient.json');
  fs.writeFileSync(loaded, JSON.stringify({ resourceType: 'Patient', id: 'loaded' }));
  expect((await maxray('load', loaded, '--url', tenant.base, '--client', file)).code).toBe(0);
  await tenant.api().get('/Patient/loaded').expect(200);
  await server.api().get('/Patient/loaded').expect(404);
});

test.each([
  ['no such tenant', 1, ['verify', '--tenant', 'never'], 'there is no tenant "never"'],
  ['a name that is none', 1, ['verify', '--tenant', '../x'], 'there is no tenant "../x"'],
  ['no name', 2, ['verify', '--tenant'], '--tenant takes the name of one tenant'],
  ['a command with a URL', 2, ['token', '--tenant', 'city'], '--url'],
])('%s is refused', async (_what, expected, args, text) => {
  const { code, out, error } = await maxray(...args);
  expect([code, `${out}${error}`]).toEqual([expected, expect.stringContaining(text)]);
});

test('the option may stand anywhere, once', () => {
  expect(takeTenant(['verify'])).toEqual({ rest: ['verify'] });
  expect(takeTenant(['--tenant', 'x', 'audit', 'verify'])).toEqual({
    rest: ['audit', 'verify'],
    tenant: 'x',
  });
  expect(takeTenant(['reindex', '--tenant=x', '--all'])).toEqual({ rest: ['reindex', '--all'], tenant: 'x' });
  for (const args of [['--tenant'], ['--tenant='], ['--tenant', 'x', '--tenant', 'y']])
    expect(takeTenant(args)).toBeUndefined();
});
