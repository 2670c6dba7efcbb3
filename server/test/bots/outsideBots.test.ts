import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { Bot } from '@medplum/fhirtypes';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ADMINISTRATOR } from '../support/administrator.ts';
import { People } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const EXTENSION = 'https://maxray.example/fhir/StructureDefinition/maxray';
const EXPORT = 'http://dicom.nema.org/resources/ontology/DCM|110106';
const JSON_TYPE = 'application/json';

let server: TestServer;
let people: People;
let admin: MedplumClient;
/** A server elsewhere. */
let elsewhere: Server;
let origin: string;
let received: string[] = [];

beforeAll(async () => {
  elsewhere = createServer((request, response) => {
    received.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    if (request.url === '/redirect')
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    else response.writeHead(200, { 'content-type': JSON_TYPE }).end('{"elsewhere":true}');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  server = await startTestServer({ botFetchAllow: [origin] });
  people = new People(server);
  await people.prepare();
  admin = new MedplumClient({ baseUrl: `${server.url}/`, fhirUrlPath: 'fhir/R4', maxRetries: 0 });
  await admin.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  await people.policy('patients', [{ resourceType: 'Patient' }]);
});
afterAll(async () => {
  await server.stop();
  elsewhere.close();
});

/** Stores a Bot with a membership, and deploys the body of a handler. */
async function bot(id: string, body: string | undefined, more: Partial<Bot> = {}): Promise<void> {
  await people.put({ resourceType: 'Bot', id, name: id, ...more });
  await people.put({
    resourceType: 'ProjectMembership',
    id: `of-${id}`,
    project: { reference: 'Project/maxray' },
    user: { reference: `Bot/${id}` },
    profile: { reference: `Bot/${id}` },
    access: [{ policy: { reference: 'AccessPolicy/patients' } }],
  });
  if (body === undefined) return;
  const code = `export async function handler(medplum, event) { ${body} }`;
  await admin.post(admin.fhirUrl('Bot', id, '$deploy'), { code, filename: 'index.js' });
}

const execute = (id: string, body = '{}', headers: Record<string, string> = {}) =>
  server.api().post(`/Bot/${id}/$execute`).set('Content-Type', JSON_TYPE).set(headers).send(body);

/** What each expression comes to in one bot. */
const tried = (expressions: readonly string[]) =>
  `const found = []; for (const attempt of [${expressions.map((one) => `() => ${one}`).join(', ')}])
     try { found.push(await attempt()); } catch (error) { found.push(error.message); }
   return found;`;

test('answers what the handler returned, as what it is', async () => {
  await bot('echo', `return event.input;`);
  const answers = await Promise.all(
    ['{"a":[1]}', '"text"', '5', 'true', '{"resourceType":"Patient"}'].map((body) => execute('echo', body)),
  );
  expect(answers.map(({ status, text }) => [status, text])).toEqual([
    [200, '{"a":[1]}'],
    [200, 'text'],
    [200, '5'],
    [200, 'true'],
    [200, '{"resourceType":"Patient"}'],
  ]);
  const types = answers.map(({ headers }) => (headers['content-type'] as string).split(';')[0]);
  expect(types).toEqual([JSON_TYPE, 'text/plain', JSON_TYPE, JSON_TYPE, 'application/fhir+json']);
  const nothing = await execute('echo', '');
  expect(nothing.body).toMatchObject({ resourceType: 'OperationOutcome', id: 'ok' });
  const plain = await execute('echo', 'a|b', { 'Content-Type': 'text/plain' });
  expect(plain.text).toBe('a|b');
  expect((await execute('echo', '{')).status).toBe(400);
  expect(await admin.executeBot('echo', { a: 1 })).toEqual({ a: 1 });
});

test('is given HL7 v2 as a message, and can answer one', async () => {
  await bot('hl7', 'return event.input.buildAck();');
  const message = 'MSH|^~\\&|LAB|CLINIC|EHR|HOSPITAL|20261122||ORU^R01|M1|P|2.5\rPID|1||4711^^^CLINIC^MR';
  const answer: unknown = await admin.executeBot('hl7', message, 'x-application/hl7-v2+er7');
  expect(answer).toContain('MSA|AA|M1');
});

test('runs at the times that its Bot says', async () => {
  const own = { identifier: [{ system: 'https://example.com/ticks', value: 'tick' }] };
  const tick = { resourceType: 'Patient', ...own };
  await bot('clock', `await medplum.createResourceIfNoneExist(${JSON.stringify(tick)}, 'identifier=tick');`, {
    cronString: '* * * * * *',
  });
  const ticked = () => admin.searchOne('Patient', 'identifier=tick', { cache: 'reload' });
  while (!(await ticked())) await new Promise((resolve) => setTimeout(resolve, 50));
});

test('says how a run failed', async () => {
  await bot('throws', `throw new Error('the reason');`);
  await bot('loops', `for (;;);`, { timeout: 1 });
  await bot('off', `return 1;`, { extension: [{ url: `${EXTENSION}-bot-off`, valueBoolean: true }] });
  // Deploying keeps what else the Bot says.
  await bot('empty', undefined);
  const codes: [string, string][] = [];
  for (const id of ['throws', 'loops', 'off', 'empty']) {
    const { status, body } = await execute(id);
    expect([id, status]).toEqual([id, 422]);
    const [issue] = (body as { issue: { code: string; details: { coding: { code: string }[] } }[] }).issue;
    codes.push([issue!.details.coding[0]!.code, issue!.code]);
    if (id === 'throws') expect(JSON.stringify(body)).toContain('the reason');
  }
  expect(codes).toEqual([
    ['thrown', 'processing'],
    ['timeout', 'timeout'],
    ['off', 'business-rule'],
    ['no-code', 'not-supported'],
  ]);
  expect((await execute('none-such')).status).toBe(404);
});

test('is executed by those whom a policy lets, with a scope that is wide enough', async () => {
  await bot('guarded', `return event.requester.reference;`);
  await people.put({
    resourceType: 'AccessPolicy',
    id: 'executes',
    name: 'executes',
    resource: [{ resourceType: 'Patient' }],
    extension: [{ url: `${EXTENSION}-policy-execute`, valueReference: { reference: 'Bot/guarded' } }],
  } as never);
  const allowed = await people.client('allowed', { profile: 'Practitioner/1', policies: ['executes'] });
  const narrow = await people.client(
    'narrow',
    { profile: 'Practitioner/1', policies: ['executes'] },
    'system/Patient.cruds',
  );
  const others = await people.client('others', { profile: 'Practitioner/1', policies: ['patients'] });
  const statuses = [];
  for (const Authorization of [allowed, narrow, others, ''])
    statuses.push((await execute('guarded', '{}', { Authorization })).status);
  expect(statuses).toEqual([200, 403, 403, 401]);
  expect((await execute('guarded', '{}', { Authorization: allowed })).text).toBe('ClientApplication/allowed');
  const refused = await execute('echo', '{}', { Authorization: allowed });
  expect(refused.status).toBe(403);
});

test('bots call bots whom a policy lets', async () => {
  await people.put({
    resourceType: 'AccessPolicy',
    id: 'calls',
    name: 'calls',
    extension: [{ url: `${EXTENSION}-policy-execute`, valueReference: { reference: 'Bot/echo' } }],
  } as never);
  await bot('caller', `return medplum.executeBot('echo', { called: true });`);
  expect((await execute('caller')).status).toBe(422);
  const membership = await admin.readResource('ProjectMembership', 'of-caller');
  await admin.updateResource({ ...membership, access: [{ policy: { reference: 'AccessPolicy/calls' } }] });
  expect((await execute('caller')).body).toEqual({ called: true });
});

test('reaches the server as itself alone, and never has its token', async () => {
  const root = server.url;
  await bot(
    'itself',
    tried([
      `medplum.createResource({ resourceType: 'Patient' }).then(({ resourceType }) => resourceType)`,
      `medplum.searchResources('Observation')`,
      `fetch('${root}/fhir/R4/Patient?_summary=count', { headers: { Authorization: 'Bearer other', Cookie: 'a=b' } }).then(({ status }) => status)`,
      `fetch('${root}/oauth2/token', { method: 'POST' })`,
      `fetch('${root}/fhir/R4/../../auth/me')`,
      `fetch('${root}/fhir/R4x/Patient')`,
      `medplum.getAccessToken() + JSON.stringify(event)`,
    ]),
  );
  const { body } = await execute('itself');
  const [created, searched, other, token, me, beside, seen] = body as string[];
  expect([created, other]).toEqual(['Patient', 200]);
  expect(searched).toMatch(/may not|forbidden/i);
  for (const refused of [token, me, beside]) expect(refused).toMatch(/^The bot may not reach/);
  expect(seen).toMatch(/^relayed\{/);
  expect(seen).not.toContain('maxray-bot.');
});

test('reaches elsewhere what its Bot allows, and nothing that is not public unless the operator lets it', async () => {
  received = [];
  const allow = [origin, 'http://169.254.169.254', 'http://10.0.0.1', 'https://localhost:1', server.url];
  const extension = allow.map((valueUri) => ({ url: `${EXTENSION}-bot-allow`, valueUri }));
  const expressions = [
    `fetch('${origin}/a', { method: 'POST', body: 'x', headers: { Authorization: 'Basic own' } }).then((r) => r.json())`,
    `fetch('${origin}/redirect').then(({ status, headers }) => [status, headers.get('location')])`,
    `fetch('http://169.254.169.254/latest/meta-data')`,
    `fetch('http://10.0.0.1/')`,
    `fetch('https://localhost:1/')`,
    `fetch('${server.url}/healthz')`,
    `fetch('https://example.com/')`,
    `fetch('file:///etc/passwd')`,
  ];
  await bot('fetches', tried(expressions), { extension });
  const [first, redirected, ...refused] = (await execute('fetches')).body as unknown[];
  expect(first).toEqual({ elsewhere: true });
  expect(redirected).toEqual([302, 'http://169.254.169.254/latest']);
  expect(refused).toEqual([
    expect.stringContaining('no public address'),
    expect.stringContaining('no public address'),
    expect.stringContaining('no public address'),
    expect.stringContaining('a port of this server'),
    expect.stringContaining('may not reach https://example.com'),
    expect.stringContaining('may not reach'),
  ]);
  expect(received).toEqual(['POST /a Basic own', 'GET /redirect ']);
  const texts = new Set<string>();
  const wanted = [`0 Bot/fetches POST ${origin}`, '8 Bot/fetches GET https://example.com'];
  // Records are found a moment after they are kept.
  while (!wanted.every((text) => texts.has(text))) {
    const found = await admin.searchResources('AuditEvent', `type=${EXPORT}&_count=50`);
    for (const one of found) texts.add(`${one.outcome} ${one.entity?.at(-1)?.description ?? ''}`);
  }
});

test('code that cannot be parsed, and names that are no names, are refused', async () => {
  await bot('broken', undefined);
  const deploy = (body: object) =>
    server.api().post('/Bot/broken/$deploy').set('Content-Type', JSON_TYPE).send(JSON.stringify(body));
  expect((await deploy({ code: 'export {', filename: 'index.ts' })).status).toBe(422);
  expect((await deploy({ code: 'enum A { B }', filename: 'index.ts' })).status).toBe(422);
  expect((await deploy({ code: '', filename: '../x' })).status).toBe(400);
  expect((await deploy({ filename: 'index.ts' })).status).toBe(400);
  expect((await execute('broken')).body).toMatchObject({
    issue: [{ details: { coding: [{ code: 'no-code' }] } }],
  });
});

test('runs are counted by how they ended', async () => {
  const runs = async (outcome: string): Promise<number> => {
    const headers = { authorization: `Bearer ${admin.getAccessToken() ?? ''}` };
    const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
    const line = new RegExp(`^maxray_bot_runs_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm').exec(text);
    return Number(line?.[1] ?? 0);
  };
  await bot('well', `return 1;`);
  await bot('badly', `throw new Error('no');`);
  const [done, thrown] = [await runs('done'), await runs('thrown')];
  await execute('well').expect(200);
  await execute('badly').expect(422);
  expect(await runs('done')).toBeGreaterThan(done);
  expect(await runs('thrown')).toBeGreaterThan(thrown);
});
