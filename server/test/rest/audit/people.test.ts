import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import request from 'supertest';
import { until } from '../../audit/support.ts';
import { Browser } from '../../identity/browser.ts';
import { People, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { TestAuditLog } from './auditLog.ts';

const schema = `test_${randomUUID().replaceAll('-', '')}`;
let server: TestServer;
let log: TestAuditLog;
let people: People;
let ann: Person;
let asAnn: string;
let asDoctor: string;
let ada: Person;
beforeAll(async () => {
  server = await startTestServer({ databaseSchema: schema });
  log = await TestAuditLog.open(schema);
  people = new People(server);
  await people.prepare();
  for (const id of ['ann', 'ben']) {
    await people.put({ resourceType: 'Patient', id });
    await people.put({
      ...{ resourceType: 'Observation', id: `of-${id}`, status: 'final', code: { text: 'x' } },
      subject: { reference: `Patient/${id}` },
    } as { resourceType: string; id: string });
  }
  await people.put({ resourceType: 'Practitioner', id: 'ada' });
  await people.policy(
    'reader',
    ['Patient', 'Observation'].map((resourceType) => ({ resourceType, readonly: true })),
  );
  await people.policy('own', [
    { resourceType: 'Patient', criteria: 'Patient?_id=ann', readonly: true },
    { resourceType: 'Observation', criteria: 'Observation?subject=Patient/ann', readonly: true },
  ]);
  ann = await people.person('ann', { profile: 'Patient/ann', policies: ['own'] });
  ada = await people.person('ada', { profile: 'Practitioner/ada', policies: ['reader'] });
  [asAnn, asDoctor] = [await people.authorization(ann), await people.authorization(ada)];
}, 120_000);
afterAll(async () => {
  await log.close();
  await server.stop();
});

/** Asks as somebody. @returns the answer and what the log has of it */
async function ask(authorization: string, path: string) {
  const requestId = randomUUID();
  const answer = await request(`${server.url}/fhir/R4`)
    .get(path)
    .set({ Authorization: authorization, 'X-Request-Id': requestId });
  const [record] = await log.of(requestId);
  return { answer, record: record! };
}

test('who looks is named: client, account, person and roles', async () => {
  const { answer, record } = await ask(asDoctor, '/Observation/of-ann');
  expect(answer.status).toBe(200);
  expect(record).toMatchObject({
    event: 'read',
    outcome: 0,
    agent: { client: 'first-party-app', user: 'ada', profile: 'Practitioner/ada', roles: ['reader'] },
    patients: ['ann'],
  });
});

test('what the policies refuse, or hide, is recorded as tried', async () => {
  const { answer: hidden, record: tried } = await ask(asAnn, '/Patient/ben');
  expect(hidden.status).toBe(404);
  expect(tried).toMatchObject({
    outcome: 4,
    agent: { user: 'ann' },
    resources: ['Patient/ben'],
    patients: ['ben'],
  });
  const { answer: refused, record: refusal } = await ask(asDoctor, '/AccessPolicy');
  expect(refused.status).toBe(403);
  expect(refusal).toMatchObject({
    event: 'search-type',
    outcome: 8,
    outcomeText: '403 Forbidden: forbidden',
  });
  const { record: found } = await ask(asAnn, '/Observation');
  expect(found).toMatchObject({ resources: ['Observation/of-ann'], patients: ['ann'] });
});

test('a patient reads who saw the data, and only administrators read the log', async () => {
  await ask(asDoctor, '/Observation?_count=10');
  const { answer } = await ask(asAnn, '/Patient/ann/$access-report?_count=1000');
  expect(answer.status).toBe(200);
  const { entry } = answer.body as { entry: { resource: { id: string } }[] };
  expect(JSON.stringify(entry)).toContain('Practitioner/ada');
  expect(JSON.stringify(entry)).not.toContain('ben');
  const [{ resource }] = entry as [{ resource: { id: string } }];
  for (const [who, path] of [
    [asAnn, '/Patient/ben/$access-report'],
    [asAnn, '/AuditEvent'],
    [asAnn, `/AuditEvent/${resource.id}`],
    [asDoctor, '/Patient/ann/$access-report'],
    [asDoctor, '/AuditEvent?patient=ann'],
  ] as const) {
    const { answer: no, record } = await ask(who, path);
    expect([path, no.status]).toEqual([path, 403]);
    expect(record).toMatchObject({ event: 'audit-used', outcome: 8 });
  }
});

test('signing in, setting passwords and changing rights are on record, without what opens anything', async () => {
  const events = (await log.all()).map(({ event, agent, resources }) => [
    event,
    agent.user ?? '',
    ...resources,
  ]);
  for (const expected of [
    ['sign-in', 'ann'],
    ['token', 'ann'],
    ['user-changed', '', 'User/ann/_history/1'],
    ['roles-changed', '', 'ProjectMembership/ann/_history/1'],
    ['security-configuration', '', 'AccessPolicy/reader/_history/1'],
  ])
    expect(events).toContainEqual(expected);
  expect(await log.all()).toContainEqual(
    expect.objectContaining({ event: 'user-changed', outcome: 0, query: 'User/ann/$set-password' }),
  );
  const secret = 'planted-in-a-url';
  const { record } = await ask(asAnn, `/Patient?access_token=${secret}&_id=ann`);
  expect(record.query).toBe('Patient?access_token=…&_id=ann');
  await request(server.url)
    .post('/oauth2/token')
    .type('form')
    .send({ grant_type: 'authorization_code', code: secret, client_id: 'first-party-app' });
  await until(
    async () => (await log.all()).some(({ event, outcome }) => event === 'token' && outcome === 8),
    'the refusal is recorded',
  );
  const text = JSON.stringify(await log.all());
  for (const word of [secret, ann.password, asAnn.replace('Bearer ', '')]) expect(text).not.toContain(word);
});

test('the patients among whom an app is launched are recorded before they are shown', async () => {
  const browser = new Browser(server.url, server.url);
  const asked = {
    ...{ response_type: 'code', client_id: 'first-party-app', redirect_uri: 'https://app.example/callback' },
    ...{ scope: 'launch/patient patient/Observation.rs', state: 'state', aud: `${server.url}/fhir/R4` },
    ...{
      code_challenge: createHash('sha256').update('x').digest('base64url'),
      code_challenge_method: 'S256',
    },
  };
  await browser.open(`${server.url}/oauth2/authorize?${new URLSearchParams(asked)}`);
  await browser.submit({ email: ada.email, password: ada.password, action: 'sign-in' });
  expect(browser.text).toContain('Patient ben');
  const shown = {
    event: 'search-type',
    query: 'Patient?name=',
    resources: expect.arrayContaining(['Patient/ben']),
  };
  await until(async () => (await log.all()).some(({ query }) => query === shown.query), 'it is recorded');
  const record = (await log.all()).find(({ query }) => query === shown.query);
  expect(record).toMatchObject({ ...shown, outcome: 0, agent: { user: 'ada', profile: 'Practitioner/ada' } });
});
