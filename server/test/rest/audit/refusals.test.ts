import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { until } from '../../audit/support.ts';
import { URL_CHARS_MAX } from '../../../src/rest/http/limits.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { auditedServer, WHO } from './support.ts';

const { root, logged, log } = auditedServer();

describe('what is refused', () => {
  test('whoever does not sign in is recorded with what was asked for', async () => {
    const requestId = randomUUID();
    await root().get('/fhir/R4/Patient/p1').set('X-Request-Id', requestId).expect(401);
    expect(await log().of(requestId)).toMatchObject([
      {
        event: 'read',
        outcome: 8,
        outcomeText: '401 Unauthorized: login',
        agent: {},
        address: '127.0.0.1',
        resources: ['Patient/p1'],
        patients: ['p1'],
      },
    ]);
  });

  test('what no URL of FHIR is, is asked by somebody, too', async () => {
    expect(await logged('get', '/Nonsense/1?x=y', 404)).toMatchObject([
      { ...WHO, event: 'read', outcome: 4, query: 'Nonsense/1?x=y' },
    ]);
    const tooLong = `/Patient?name=${'x'.repeat(URL_CHARS_MAX)}`;
    expect(await logged('get', tooLong, 414)).toMatchObject([{ ...WHO, event: 'read', outcome: 4 }]);
    expect(await logged('put', '/metadata', 405)).toMatchObject([{ ...WHO, event: 'update', outcome: 4 }]);
    const requestId = randomUUID();
    await root().get('/fhir/R4/Nonsense/1').set('X-Request-Id', requestId).expect(401);
    expect(await log().of(requestId)).toMatchObject([{ outcome: 8, agent: {}, query: 'Nonsense/1' }]);
  });

  test.each([
    ['/Patient/not-there', 404, 'read', ['Patient/not-there'], undefined],
    ['/Patient?unknown=1', 400, 'search-type', [], 'Patient?unknown=1'],
    ['/Patient/p1/$no-such', 404, 'operation', ['Patient/p1'], 'Patient/p1/$no-such'],
    ['/_jobs/none', 404, 'operation', [], '_jobs/none'],
    ['/_jobs/none/file', 404, 'export', [], '_jobs/none/file'],
  ])('%s: %i', async (path, status, event, resources, query) => {
    const [record] = await logged('get', path, status);
    expect(record).toMatchObject({ ...WHO, event, outcome: 4, resources });
    expect(record!.query).toBe(query);
  });
});

test('signing in is recorded, and so is the start of the server', async () => {
  const wrong = root().post('/oauth2/token').auth('nobody', 'planted-secret').type('form');
  await wrong.send({ grant_type: 'client_credentials' }).expect(401);
  const refused = { event: 'token', outcome: 8, outcomeText: 'invalid_client' };
  await until(
    async () => (await log().all()).some(({ event, outcome }) => event === 'token' && outcome === 8),
    'it is',
  );
  const all = await log().all();
  const granted = { event: 'token', outcome: 0, agent: { client: 'test-administrator' } };
  for (const expected of [{ event: 'server-started', outcome: 0, agent: {} }, granted, refused])
    expect(all).toContainEqual(expect.objectContaining(expected));
  expect(JSON.stringify(all)).not.toContain('planted-secret');
});

describe('a journal that takes nothing', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ auditJournalBytesMax: 1 });
  });
  afterAll(() => server.stop());

  test('lets nothing be seen, but writes record themselves', async () => {
    const secret = { resourceType: 'Patient', id: 'p', name: [{ family: 'Planted' }] };
    await server.api().put('/Patient/p').send(secret).expect(201);
    for (const path of ['/Patient/p', '/Patient', '/Patient/p/_history', '/Patient/p/$everything']) {
      const answer = await server.api().get(path).expect(503);
      expect(answer.headers['retry-after']).toBe('5');
      expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'transient' }] });
      expect(answer.text).not.toContain('Planted');
    }
    const entry = [{ request: { method: 'GET', url: 'Patient/p' } }];
    const batch = await server
      .api()
      .post('/')
      .send({ resourceType: 'Bundle', type: 'batch', entry })
      .expect(503);
    expect(batch.text).not.toContain('Planted');
    expect(batch.text).not.toContain('outcome-unknown');
    await server.api().get('/metadata').expect(200);
  });

  test.each(['batch', 'transaction'])(
    'does not say of a %s that nothing was done when it was',
    async (type) => {
      const resource = { resourceType: 'Patient', id: `by-${type}` };
      const entry = [{ resource, request: { method: 'PUT', url: `Patient/by-${type}` } }];
      const answer = await server.api().post('/').send({ resourceType: 'Bundle', type, entry }).expect(503);
      const [issue] = answer.body.issue as { details: object; diagnostics: string }[];
      expect(issue).toMatchObject({ details: { coding: [{ code: 'outcome-unknown' }] } });
      expect(issue!.diagnostics).toContain('is stored');
      // It is there: a write, which records itself, makes another version of it.
      const again = await server
        .api()
        .put(`/Patient/by-${type}`)
        .send({ ...resource, active: true });
      expect([again.status, again.body.meta.versionId]).toEqual([200, '2']);
    },
  );
});
