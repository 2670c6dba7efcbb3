import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { ADMINISTRATOR, clientAuthorization } from '../support/administrator.ts';
import { RECORDED_EACH_MAX } from '../../src/records/trail/refusals.ts';
import { People } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/program.ts';
import { TestAuditLog } from './audit/auditLog.ts';
import { FHIR, fhir } from './support.ts';

const USER_UNITS = 60;
const CLIENT_UNITS = 150;
const ADDRESS_REQUESTS = 130;

const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
let server: TestServer;
let people: People;
beforeAll(async () => {
  server = await startTestServer({
    databaseSchema,
    trustProxy: ['loopback'],
    rateLimitAddress: ADDRESS_REQUESTS,
    rateLimitUser: USER_UNITS,
    rateLimitClient: CLIENT_UNITS,
  });
  people = new People(server);
  await people.prepare('maxray-patient');
  await people.put({ resourceType: 'Patient', id: 'ann' });
});
afterAll(() => server.stop());

/** supertest on the FHIR base, as a proxy forwards for somebody. */
const from = (address: string, authorization?: string, at = server) => {
  const agent = request.agent(`${at.url}/fhir/R4`).set('X-Forwarded-For', address);
  return authorization === undefined ? agent : agent.set('Authorization', authorization);
};

/** How many of `most` requests were answered before one was refused, and that refusal. */
async function untilRefused(most: number, ask: () => request.Test) {
  for (let i = 0; i < most; i++) {
    const answer = await ask();
    if (answer.status === 429) return { answered: i, answer };
  }
  throw new Error(`none of ${most} requests was refused`);
}

const limitOf = (answer: request.Response) =>
  (JSON.parse(answer.text) as { issue: { code: string; details: { coding: { code: string }[] } }[] })
    .issue[0]!;

function expectThrottled(answer: request.Response, limit: string): void {
  expect(answer.status).toBe(429);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  const issue = limitOf(answer);
  expect(issue).toMatchObject({ code: 'throttled', details: { coding: [{ code: `rate-limit-${limit}` }] } });
}

describe('an address from which nobody has signed in', () => {
  test('is refused for a while, by itself, and those who have signed in there are not', async () => {
    const ben = await people.person('ben', { profile: 'Patient/ann', policies: ['maxray-patient'] });
    const authorization = await people.authorization(ben);
    await from('203.0.113.1', authorization).get('/Patient/ann').expect(200);
    const { answered, answer } = await untilRefused(3 * ADDRESS_REQUESTS, () =>
      from('203.0.113.1', `Bearer ${randomUUID()}`).get('/Patient/ann'),
    );
    expect(answered).toBeGreaterThanOrEqual(ADDRESS_REQUESTS);
    expectThrottled(answer, 'address');
    for (const path of ['/metadata', '/Patient/ann', '/Patient/ann/_history'])
      expectThrottled(await from('203.0.113.1').get(path), 'address');
    // Whatever the client writes before what the proxy says.
    expectThrottled(await from('127.0.0.1, 203.0.113.1').get('/metadata'), 'address');
    await from('203.0.113.1', authorization).get('/Patient/ann').expect(200);
    await from('203.0.113.2').get('/metadata').expect(200);
    await from('127.0.0.1').get('/metadata').expect(200);
  });

  test('is refused on all pages and endpoints of the authorization server, in their words', async () => {
    const ask = (path: string, headers: Record<string, string> = {}) =>
      request(server.url)
        .get(path)
        .set({ 'X-Forwarded-For': '2001:db8::1', ...headers });
    await untilRefused(3 * ADDRESS_REQUESTS, () => ask('/oauth2/jwks'));
    const token = await request(server.url)
      .post('/oauth2/token')
      .set('X-Forwarded-For', '2001:db8::2')
      .type('form')
      .send({ grant_type: 'client_credentials' });
    expect(token.status).toBe(429);
    expect(token.body).toMatchObject({ error: 'temporarily_unavailable' });
    expect(Number(token.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    const page = await ask('/oauth2/account', { Accept: 'text/html' });
    expect(page.status).toBe(429);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['retry-after']).toBeDefined();
    for (const path of ['/auth/me', '/metrics', '/', '/nothing']) expectThrottled(await ask(path), 'address');
    for (const path of ['/healthz', '/readyz']) expect((await ask(path)).status).toBe(200);
    expect((await ask('/oauth2/jwks', { 'X-Forwarded-For': '2001:db8:0:1::1' })).status).toBe(200);
  });

  test('does not fill the audit log', async () => {
    const address = '203.0.113.7';
    for (let i = 0; i < ADDRESS_REQUESTS + 20; i++) await from(address).get(`/Patient/flood-${i}`);
    // What comes later in the same journal is there when this is.
    const last = randomUUID();
    await server.api().get(`/Patient/${last}`).expect(404);
    const log = await TestAuditLog.open(databaseSchema);
    try {
      const told = async () =>
        (await log.all()).some(({ resources }) => resources.includes(`Patient/${last}`));
      await until(told, 'the journal has been moved');
      const own = (await log.all()).filter((record) => record.address === address);
      expect(own).toHaveLength(RECORDED_EACH_MAX);
    } finally {
      await log.close();
    }
  });
});

describe('somebody who has signed in', () => {
  test('may spend so many units, from whatever address; a search costs more', async () => {
    const carl = await people.person('carl', { profile: 'Patient/ann', policies: ['maxray-patient'] });
    const authorization = await people.authorization(carl);
    let i = 0;
    const { answered, answer } = await untilRefused(USER_UNITS, () =>
      from(`203.0.113.${(i += 1)}`, authorization).get('/Patient?_id=ann'),
    );
    expect(answered).toBeGreaterThanOrEqual(USER_UNITS / 5);
    expect(answered).toBeLessThan(USER_UNITS / 2);
    expectThrottled(answer, 'user');
    const me = await request(server.url)
      .get('/auth/me')
      .set({ Authorization: authorization, 'X-Forwarded-For': '203.0.113.99' });
    expectThrottled(me, 'user');
    await from('127.0.0.1', authorization).get('/Patient/ann').expect(200);
  });

  test('pays for the entries of a bundle afterwards', async () => {
    const authorization = await people.client('bundler', {
      profile: 'Patient/ann',
      policies: ['maxray-patient'],
    });
    const entry = Array.from({ length: 100 }, () => ({ request: { method: 'GET', url: 'Patient?_id=ann' } }));
    const bundle = { resourceType: 'Bundle', type: 'batch', entry };
    const agent = from('203.0.113.5', authorization);
    await agent.post('/').set('Content-Type', FHIR).send(fhir(bundle)).expect(200);
    expectThrottled(await agent.get('/Patient/ann'), 'client');
  });

  test('is given more, or less, by an extension of the client', async () => {
    const authorization = await people.client('small', {
      profile: 'Patient/ann',
      policies: ['maxray-patient'],
    });
    await people.put({
      resourceType: 'ClientApplication',
      id: 'small',
      name: 'small',
      extension: [
        {
          url: 'https://maxray.example/fhir/StructureDefinition/maxray-client-units-per-minute',
          valueUnsignedInt: 3,
        },
      ],
    });
    const { answered, answer } = await untilRefused(20, () =>
      from('203.0.113.6', authorization).get('/Patient/ann'),
    );
    expect(answered).toBeLessThanOrEqual(5);
    expectThrottled(answer, 'client');
  });

  test('is counted in the metrics', async () => {
    const { text } = await request(server.url).get('/metrics').set('Authorization', server.authorization);
    for (const limit of ['address', 'user', 'client'])
      expect(text).toMatch(new RegExp(`^maxray_rate_limited_total\\{limit="${limit}"\\} [1-9]`, 'm'));
  });
});

describe('by default', () => {
  test('a program of this machine is not limited', async () => {
    const usual = await startTestServer({ rateLimitAddress: 1, rateLimitUser: 1, rateLimitClient: 1 });
    try {
      for (let i = 0; i < 10; i++) {
        await usual.api().get('/Patient').expect(200);
        await request(usual.url).get('/fhir/R4/metadata').expect(200);
      }
    } finally {
      await usual.stop();
    }
  });

  test('behind a proxy that is not known as one, all are limited together', async () => {
    const behind = await startTestServer({ rateLimitClient: 3, publicUrl: 'https://clinic.example' });
    try {
      const ask = () =>
        request(behind.url)
          .get('/fhir/R4/Patient/x')
          .set({ Host: 'clinic.example', Authorization: behind.authorization });
      expectThrottled((await untilRefused(10, ask)).answer, 'client');
    } finally {
      await behind.stop();
    }
  });
});

test('servers that share count together', async () => {
  const schema = `test_${randomUUID().replaceAll('-', '')}`;
  const settings = {
    databaseSchema: schema,
    trustProxy: ['loopback'],
    rateLimitShared: true,
    rateLimitClient: 1000,
  };
  const one = await startTestServer(settings);
  const other = await startTestServer({ ...settings, publicUrl: one.url });
  try {
    const authorization = await clientAuthorization(one.url, ADMINISTRATOR);
    await from('203.0.113.1', authorization, one).get('/Patient/x').expect(404);
    // Spent at one: 200 searches.
    const entry = Array.from({ length: 399 }, () => ({ request: { method: 'GET', url: 'Patient?_id=x' } }));
    const bundle = fhir({ resourceType: 'Bundle', type: 'batch', entry });
    await from('203.0.113.1', authorization, one)
      .post('/')
      .set('Content-Type', FHIR)
      .send(bundle)
      .expect(200);
    // Owed at both, once they have told each other: the other hears when it has something to tell.
    await untilRefused(10_000, () => from('203.0.113.2', authorization, other).get('/Patient/x'));
  } finally {
    await other.stop();
    await one.stop();
  }
});
