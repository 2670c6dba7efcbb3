import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { runAudit } from '../../../src/cli/audit/audit.ts';
import { openDatabase, type Database } from '../../../src/store/postgres/database.ts';
import { ADMINISTRATOR, clientAuthorization } from '../../support/administrator.ts';
import { testConnection } from '../../support/postgres.ts';
import { until } from '../../support/program.ts';
import { removeFolder } from '../../support/removeFolder.ts';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { callOperation, clientIn, listed, makeTenant } from '../../support/tenants.ts';

const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'maxray-tenants-'));
let server: TestServer;
let other: TestServer;
let database: Database;
beforeAll(async () => {
  server = await startTestServer({ databaseSchema, dataDir, storesMax: 4 });
  const secretKeyFile = path.join(dataDir, 'secret.key');
  other = await startTestServer({ databaseSchema, publicUrl: server.url, secretKeyFile });
  database = await openDatabase({ connection: await testConnection() });
});
afterAll(async () => {
  await other.stop();
  await server.stop();
  await database.close();
  removeFolder(dataDir);
});

const list = async () => listed((await server.api().get('/$tenants').expect(200)).body);
const query = async (text: string, values: unknown[] = []) =>
  (await database.read({ name: '', text, values })).rows as Record<string, string>[];
const schemasOf = (name: string) =>
  query('SELECT nspname FROM pg_namespace WHERE nspname LIKE $1', [
    `t\\_${name.replaceAll('-', '\\_')}\\_________`,
  ]);
const remove = (name: string, confirm = name) => callOperation(server, 'remove-tenant', { name, confirm });

describe('making and removing', () => {
  const name = `city-${randomUUID().slice(0, 8)}`;

  test('makes a store with a client that administers it, whose secret is answered once', async () => {
    const tenant = await makeTenant(server, name);
    expect(await list()).toContain(`${name} ready`);
    await tenant.api().put('/Patient/p').send({ resourceType: 'Patient', id: 'p' }).expect(201);
    const again = await callOperation(server, 'create-tenant', { name });
    expect([again.status, JSON.stringify(again.body).includes('secret')]).toEqual([409, false]);
    expect(await schemasOf(name)).toHaveLength(1);
    expect(JSON.stringify((await server.api().get('/$tenants').expect(200)).body)).not.toContain(
      tenant.client.secret,
    );
  });

  test('is heard by other servers, which serve the same', async () => {
    const answer = await request(`${other.url}/t/${name}/fhir/R4`).get('/metadata').expect(200);
    expect((answer.body as { implementation: { url: string } }).implementation.url).toBe(
      `${server.url}/t/${name}/fhir/R4`,
    );
  });

  test('wants the name again before it removes anything', async () => {
    await remove(name, 'other').expect(400);
    await callOperation(server, 'remove-tenant', { name }).expect(400);
    expect(await list()).toContain(`${name} ready`);
  });

  test('removes the schema and the files, on all servers, and the name is free for one that has nothing of it', async () => {
    const folders = () =>
      fs.globSync(`${dataDir}/{tenants/*,blobs/tenants}/t_${name.replaceAll('-', '_')}_*`);
    expect(folders()).toHaveLength(2);
    await remove(name).expect(204);
    expect([await list(), await schemasOf(name), folders()]).toEqual([[], [], []]);
    for (const at of [server, other])
      await request(`${at.url}/t/${name}/fhir/R4`).get('/metadata').expect(404);
    await remove(name).expect(404);
    const next = await makeTenant(server, name);
    await next.api().get('/Patient/p').expect(404);
    for (const at of [server, other])
      await request(`${at.url}/t/${name}/fhir/R4`)
        .get('/Patient/p')
        .set('Authorization', next.authorization)
        .expect(404);
    await remove(name).expect(204);
  });

  test('both are in the audit log of the main store, with the name', async () => {
    const queries = async () => {
      const { body } = await server.api().get('/AuditEvent?type=110113&_count=100').expect(200);
      return Buffer.from(
        JSON.stringify(body).replaceAll(/"query":"([^"]+)"/g, (_all, text: string) => atob(text)),
      ).toString();
    };
    await until(
      async () => (await queries()).includes(`$remove-tenant?name=${name}`),
      'the removal is recorded',
    );
    expect(await queries()).toContain(`$create-tenant?name=${name}`);
  });

  test('the log of the one that was removed is kept, sealed to its end, and the main log has its hash', async () => {
    const [folder] = fs
      .globSync(`${dataDir}/removed-tenants/t_${name.replaceAll('-', '_')}_*`)
      .filter((one) => fs.readFileSync(path.join(one, 'log.jsonl'), 'utf8').includes('Patient/p/'));
    // The other server has a data folder of its own, with a key of its own.
    const keys = fs
      .globSync(path.join(os.tmpdir(), 'maxray-test-data/audit/keys/*.pem'))
      .flatMap((one) => ['--key', one]);
    const verified = async () => {
      const said: string[] = [];
      const code = await runAudit(['verify', '--archive', folder!, ...keys], (line) => said.push(line));
      return { code, said: said.join(' ') };
    };
    expect(await verified()).toEqual({ code: 0, said: expect.stringContaining('; 0 not sealed yet') });
    const file = path.join(folder!, 'log.jsonl');
    const text = fs.readFileSync(file, 'utf8');
    const lines = text.trim().split('\n');
    const events = lines.map((line) => (JSON.parse(line) as { event?: { id: string } }).event);
    expect(JSON.stringify(events)).toContain('Patient/p/_history/1');
    expect(JSON.stringify(events.at(-1))).toContain('"110133"');
    const hash = createHash('sha256').update(text).digest('hex');
    const { body } = await server.api().get('/AuditEvent?type=110113&_count=100').expect(200);
    const main = JSON.stringify(body).replaceAll(/"query":"([^"]+)"/g, (_all, query: string) => atob(query));
    expect(main).toContain(`$remove-tenant?name=${name}&log=sha256:${hash}`);

    const at = lines.findIndex((line) => line.includes('Patient/p/_history/1'));
    for (const [changed, finding] of [
      [lines.with(at, lines[at]!.replace('"outcome":0', '"outcome":8')), 'was altered'],
      [lines.toSpliced(at, 1), 'is missing'],
      [lines.toSpliced(at, 0, lines[at]!), 'was'],
      [lines.slice(0, -2), 'missing'],
    ] as const) {
      fs.writeFileSync(file, `${changed.join('\n')}\n`);
      expect(await verified()).toEqual({ code: 1, said: expect.stringContaining(finding) });
    }
  });
});

describe('what was cut off', () => {
  const tenantRow = async (name: string) =>
    (await query(`SELECT schema, state FROM "${databaseSchema}".tenant WHERE name = $1`, [name]))[0];

  test('a making can be repeated, in the schema that it began', async () => {
    const schema = 't_half_0123abcd';
    const add = `INSERT INTO "${databaseSchema}".tenant (name, schema, state) VALUES ('half', $1, 'making')`;
    await database.write({ name: '', text: add, values: [schema] });
    await database.write({ name: '', text: `CREATE SCHEMA "${schema}"`, values: [] });
    await request(`${server.url}/t/half/fhir/R4`).get('/metadata').expect(404);
    expect(await list()).toContain('half making');
    const made = await callOperation(server, 'create-tenant', { name: 'half' }).expect(201);
    expect(await tenantRow('half')).toEqual({ schema, state: 'ready' });
    await clientAuthorization(`${server.url}/t/half`, clientIn(made.body));
  });

  test('a removal, too; until then its name is not free, and nobody is served', async () => {
    const schema = (await tenantRow('half'))!.schema;
    const leave = `UPDATE "${databaseSchema}".tenant SET state = 'removing' WHERE name = 'half'`;
    await database.write({ name: '', text: leave, values: [] });
    await database.write({ name: '', text: `DROP TABLE "${schema}".changes CASCADE`, values: [] });
    await callOperation(server, 'create-tenant', { name: 'half' }).expect(409);
    await remove('half').expect(204);
    expect([await tenantRow('half'), await schemasOf('half')]).toEqual([undefined, []]);
  });

  test('while one is at it, another is told to wait', async () => {
    const [one, two] = await Promise.all([
      callOperation(server, 'create-tenant', { name: 'twice' }),
      callOperation(other, 'create-tenant', { name: 'twice' }),
    ]);
    expect([one.status, two.status].filter((status) => status === 201)).toHaveLength(1);
    expect([one.status, two.status].filter((status) => status === 409 || status === 503)).toHaveLength(1);
    expect((await schemasOf('twice')).length).toBe(1);
    await remove('twice').expect(204);
  });
});

describe('who and what is refused', () => {
  test.each([
    ...['', 'A', 'City', '../x', 'a/b', 'a%2fb', '-a', 'a-', 'a--b', '1a', 'a b', 'ä', 'a_b', '..', '.'],
    ...['a"b', "a'; DROP", 'x'.repeat(31), 'x'.repeat(10_000), 'a\u0000b', 'a?b', 'a#b', 'a\n'],
  ])('the name %j', async (name) => {
    const made = await callOperation(server, 'create-tenant', { name });
    const removed = await remove(name);
    expect([made.status, [400, 404].includes(removed.status)]).toEqual([400, true]);
    for (const { body } of [made, removed]) expect(body).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  test.each(['public', 'pg-catalog'])('a tenant may be named %s: its schema is another', async (name) => {
    await makeTenant(server, name);
    expect(await schemasOf(name)).toHaveLength(1);
    await remove(name).expect(204);
  });

  test('more than STORES_MAX', async () => {
    for (const name of ['one', 'two', 'three', 'four']) await makeTenant(server, name);
    const { status, body } = await callOperation(server, 'create-tenant', { name: 'five' });
    expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining('STORES_MAX')]);
    for (const name of ['two', 'three', 'four']) await remove(name).expect(204);
  });

  test('GET, parameters that are none, no name', async () => {
    await server.api().get('/$create-tenant?name=x').expect(405);
    await server.api().get('/$remove-tenant?name=one&confirm=one').expect(405);
    await callOperation(server, 'create-tenant', {}).expect(400);
    await callOperation(server, 'create-tenant', { name: 'x', colour: 'red' }).expect(400);
    await server.api().get('/$tenants?x=y').expect(400);
  });

  test('nobody, and the administrators of tenants', async () => {
    const { body } = await callOperation(server, 'create-tenant', { name: 'five' }).expect(201);
    const tenant = await clientAuthorization(`${server.url}/t/five`, clientIn(body));
    for (const operation of ['$create-tenant', '$remove-tenant', '$tenants']) {
      await request(`${server.url}/fhir/R4`).post(`/${operation}`).expect(401);
      await request(`${server.url}/fhir/R4`).post(`/${operation}`).set('Authorization', tenant).expect(401);
      await request(`${server.url}/t/five/fhir/R4`)
        .post(`/${operation}`)
        .set('Authorization', tenant)
        .expect(404);
    }
    const metadata = await request(`${server.url}/t/five/fhir/R4`).get('/metadata').expect(200);
    expect(JSON.stringify(metadata.body)).not.toContain('tenant');
    expect(await list()).toEqual(['five ready', 'one ready']);
  });

  test('users and clients with policies alone', async () => {
    const people = new People(server);
    await people.prepare();
    await people.policy('all', [{ resourceType: '*' }]);
    const authorization = await people.client('plain', {
      profile: 'ClientApplication/plain',
      policies: ['all'],
    });
    const api = () => request.agent(`${server.url}/fhir/R4`).set('Authorization', authorization);
    await callOperation({ api }, 'create-tenant', { name: 'six' }).expect(403);
    await callOperation({ api }, 'remove-tenant', { name: 'one', confirm: 'one' }).expect(403);
    await api().get('/$tenants').expect(403);
    expect(await list()).toEqual(['five ready', 'one ready']);
  });

  test('administrators whose scopes leave something out', async () => {
    const scoped = await clientAuthorization(server.url, ADMINISTRATOR, 'system/Patient.rs');
    const api = () => request.agent(`${server.url}/fhir/R4`).set('Authorization', scoped);
    await callOperation({ api }, 'create-tenant', { name: 'six' }).expect(403);
    await callOperation({ api }, 'remove-tenant', { name: 'one', confirm: 'one' }).expect(403);
    await api().get('/$tenants').expect(403);
    expect(await list()).toEqual(['five ready', 'one ready']);
  });
});
