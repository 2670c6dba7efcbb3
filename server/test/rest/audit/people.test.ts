import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
});
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

describe('what somebody is told of himself', () => {
  const isOf = (user: string, query: string) => async () =>
    (await log.all()).filter((one) => one.agent.user === user && one.query === query);

  test('by /auth/me and the user-info endpoint is recorded', async () => {
    const token = await people.authorization(ada);
    const me = isOf('ada', 'auth/me');
    await request(server.url).get('/auth/me').set('Authorization', token).expect(200);
    await until(async () => (await me()).length > 0, 'it is recorded');
    expect((await me())[0]).toMatchObject({
      event: 'read',
      outcome: 0,
      agent: { client: 'first-party-app', profile: 'Practitioner/ada' },
      address: expect.any(String),
      resources: expect.arrayContaining(['User/ada', 'Practitioner/ada', 'ProjectMembership/ada']),
    });
    await request(server.url).get('/auth/me').set('Authorization', 'Bearer planted').expect(401);
    const refused = async () =>
      (await log.all()).filter(({ query, outcome }) => query === 'auth/me' && outcome === 8);
    await until(async () => (await refused()).length > 0, 'the refusal is recorded');
    await request(server.url).get('/oauth2/userinfo').set('Authorization', token).expect(200);
    const info = isOf('ada', 'user-info');
    await until(async () => (await info()).length > 0, 'it is recorded');
    expect((await info())[0]).toMatchObject({ event: 'read', outcome: 0, resources: ['User/ada'] });
  });

  test('by the pages of the account is recorded, and what is changed there', async () => {
    const browser = new Browser(server.url, server.url);
    await browser.open(`${server.url}/oauth2/account`);
    await browser.submit({ email: ada.email, password: ada.password, action: 'sign-in' });
    await browser.submit({ action: 'end-app', client: 'first-party-app' });
    const password = randomUUID();
    await browser.open(`${server.url}/oauth2/account/password`);
    await browser.submit({ current: ada.password, password, repeat: password });
    await browser.open(`${server.url}/oauth2/account`);
    await browser.submit({ email: ada.email, password, action: 'sign-in' });
    const [, uid] = /name="session" value="([^"]+)"/.exec(browser.text)!;
    await browser.submit({ action: 'end-session', session: uid! });
    const queries = async () =>
      (await log.all()).filter(({ agent }) => agent.user === 'ada').map(({ event, query }) => [event, query]);
    const expected = [
      ['read', 'account-shown: overview'],
      ['read', 'account-shown: password'],
      ['user-changed', 'grant-revoked'],
      ['user-changed', 'password-changed'],
      ['sign-out', 'session-ended: one'],
    ];
    await until(async () => {
      const all = (await queries()).map((one) => one.join());
      return expected.every((one) => all.includes(one.join()));
    }, 'all of it is recorded');
    expect(JSON.stringify(await log.all())).not.toContain(password);
  });
});
