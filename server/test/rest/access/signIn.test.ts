import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { until } from '../../support/program.ts';
import { People, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { FHIR, fhir } from '../support.ts';

let server: TestServer;
let other: TestServer;
let people: People;
let ann: Person;
beforeAll(async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  server = await startTestServer({ databaseSchema });
  other = await startTestServer({ databaseSchema, publicUrl: server.url });
  people = new People(server);
  await people.prepare('maxray-patient');
  for (const id of ['ann', 'ben']) {
    await people.put({ resourceType: 'Patient', id });
    await people.put({
      ...{ resourceType: 'Observation', id: `of-${id}`, status: 'final', code: { text: 'x' } },
      subject: { reference: `Patient/${id}` },
    });
  }
  ann = await people.person('ann', { profile: 'Patient/ann', policies: ['maxray-patient'] });
});
afterAll(async () => {
  await other.stop();
  await server.stop();
});

const as = (authorization: string, at = server) =>
  request.agent(`${at.url}/fhir/R4`).set('Authorization', authorization);
const ids = (bundle: { entry?: { resource: { id: string } }[] }) =>
  (bundle.entry ?? []).map(({ resource }) => resource.id).sort();

describe('nobody', () => {
  const nobody = () => request(`${server.url}/fhir/R4`);

  test.each([
    ['get', '/Patient/ann'],
    ['get', '/Patient'],
    ['get', '/_history'],
    ['get', '/Patient/ann/_history'],
    ['get', '/Patient/ann/$everything'],
    ['get', '/ValueSet/$expand?url=x'],
    ['post', '/'],
    ['post', '/Patient'],
    ['post', '/Patient/_search'],
    ['post', '/$import'],
    ['put', '/Patient/ann'],
    ['patch', '/Patient/ann'],
    ['delete', '/Patient/ann'],
    ['get', '/_jobs/x'],
    ['get', '/Binary/x'],
  ] as const)("%s %s is told to sign in, in FHIR's words", async (method, path) => {
    const answer = await nobody()[method](path);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(JSON.parse(answer.text)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'login' }],
    });
  });

  test.each(['Bearer x', 'Bearer', 'Basic eDp4', `Bearer ${'a'.repeat(43)}`, 'Bearer a.b.c'])(
    'is who sends "%s"',
    async (authorization) => {
      const { headers } = await as(authorization).get('/Patient/ann').expect(401);
      const names = /^Bearer ./.test(authorization) ? ', error="invalid_token"' : '';
      expect(headers['www-authenticate']).toBe(`Bearer realm="FHIR"${names}`);
    },
  );

  test('may read how to sign in', async () => {
    const { body } = await nobody().get('/metadata').expect(200);
    const smart = await nobody().get('/.well-known/smart-configuration').expect(200);
    expect(smart.headers['access-control-allow-origin']).toBe('*');
    const [uris] = body.rest[0].security.extension as { extension: { url: string; valueUri: string }[] }[];
    const uri = (name: string) => uris!.extension.find(({ url }) => url === name)?.valueUri;
    expect(smart.body).toMatchObject({
      authorization_endpoint: uri('authorize'),
      token_endpoint: uri('token'),
    });
    await nobody().get('/metadata?mode=terminology').expect(200);
  });
});

describe('a patient', () => {
  test('sees the own data and nothing else', async () => {
    const me = as(await people.authorization(ann));
    await me.get('/Patient/ann').expect(200);
    await me.get('/Patient/ben').expect(404);
    expect(ids((await me.get('/Observation').expect(200)).body)).toEqual(['of-ann']);
    expect(ids((await me.get('/Observation?patient=ben').expect(200)).body)).toEqual([]);
    await me.get('/User/ann').expect(403);
    await me.get('/metrics').expect(404);
  });

  test('is told who he or she is', async () => {
    const authorization = await people.authorization(ann);
    const { body } = await request(server.url)
      .get('/auth/me')
      .set('Authorization', authorization)
      .expect(200);
    expect(body).toMatchObject({
      user: { resourceType: 'User', id: 'ann', email: 'ann@clinic.example' },
      membership: { profile: { reference: 'Patient/ann' } },
      profile: { resourceType: 'Patient', id: 'ann' },
      project: { id: 'maxray' },
    });
    await request(server.url).get('/auth/me').expect(401);
    await request(server.url).get('/metrics').set('Authorization', authorization).expect(403);
  });

  test('gives an app no more than its scopes', async () => {
    const reading = as(await people.authorization(ann, 'openid user/Patient.rs'));
    await reading.get('/Patient/ann').expect(200);
    await reading.get('/Observation/of-ann').expect(403);
    const own = { resourceType: 'Patient', id: 'ann', active: true };
    const put = await reading.put('/Patient/ann').set('Content-Type', FHIR).send(fhir(own));
    expect(put.status).toBe(403);
  });

  test('cannot make anybody, nor give rights', async () => {
    const me = as(await people.authorization(ann));
    for (const resource of [
      { resourceType: 'AccessPolicy', id: 'mine', resource: [{ resourceType: '*' }] },
      {
        ...{ resourceType: 'ProjectMembership', id: 'ann', admin: true },
        project: { reference: 'Project/maxray' },
        user: { reference: 'User/ann' },
        profile: { reference: 'Patient/ann' },
      },
      { resourceType: 'User', id: 'ann', firstName: 'A', lastName: 'B', email: 'x@y.example' },
      { resourceType: 'ClientApplication', id: 'first-party-app', name: 'mine' },
    ]) {
      const path = `/${resource.resourceType}/${resource.id}`;
      const put = await me.put(path).set('Content-Type', FHIR).send(fhir(resource));
      expect([path, put.status]).toEqual([path, 403]);
    }
    const password =
      '{"resourceType":"Parameters","parameter":[{"name":"password","valueString":"0123456789abcdef"}]}';
    for (const [path, body] of [
      ['/User/ann/$set-password', password],
      ['/User/ann/$invite', '{"resourceType":"Parameters"}'],
      ['/User/ann/$revoke', '{"resourceType":"Parameters"}'],
      ['/ClientApplication/first-party-app/$rotate-secret', '{"resourceType":"Parameters"}'],
    ] as const)
      expect([path, (await me.post(path).set('Content-Type', FHIR).send(body)).status]).toEqual([path, 403]);
  });
});

describe('what changes takes effect', () => {
  test('a policy, at once here and within a moment on another server', async () => {
    await people.policy('changing', [{ resourceType: 'Patient', interaction: ['read'] }]);
    const standing = { profile: 'Patient/ben', policies: ['changing'] };
    const authorization = await people.client('changing', standing);
    await as(authorization).get('/Patient/ann').expect(200);
    await as(authorization, other).get('/Patient/ann').expect(200);
    await people.policy('changing', [{ resourceType: 'Patient', interaction: ['search'] }]);
    await as(authorization).get('/Patient/ann').expect(403);
    await until(
      async () => (await as(authorization, other).get('/Patient/ann')).status === 403,
      'the other server heard of it',
    );
  });

  test('a membership that ends ends the access', async () => {
    const authorization = await people.client('leaving', {
      profile: 'Patient/ben',
      policies: ['maxray-patient'],
    });
    await as(authorization).get('/Patient/ben').expect(200);
    await server.api().delete('/ProjectMembership/leaving').expect(204);
    await as(authorization).get('/Patient/ben').expect(403);
  });

  test('an app that is switched off, a secret that is changed, a user who is revoked: 401', async () => {
    const standing = { profile: 'Patient/ben', policies: ['maxray-patient'] };
    const off = await people.client('switched', standing);
    await people.put({ resourceType: 'ClientApplication', id: 'switched', status: 'off' });
    await as(off).get('/Patient/ben').expect(401);
    const first = await people.client('rotated', standing);
    const second = await people.client('rotated', standing);
    await as(first).get('/Patient/ben').expect(401);
    await as(second).get('/Patient/ben').expect(200);
    const user = await people.authorization(ann);
    await as(user).get('/Patient/ann').expect(200);
    await server.api().post('/User/ann/$revoke').expect(204);
    await as(user).get('/Patient/ann').expect(401);
  });
});
