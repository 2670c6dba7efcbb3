import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('say on every answer that its type is what it says', async () => {
  for (const path of [
    '/fhir/R4/metadata',
    '/fhir/R4/Patient/any',
    '/fhir/R4/nothing',
    '/healthz',
    '/',
    '/nothing',
    '/oauth2/jwks',
    '/oauth2/account',
    '/auth/me',
  ]) {
    const { headers } = await request(server.url).get(path);
    expect([path, headers['x-content-type-options']]).toEqual([path, 'nosniff']);
    expect([path, headers['x-powered-by'], headers.server]).toEqual([path, undefined, undefined]);
  }
});

test('answers about records are not for caches, which do not ask who somebody is', async () => {
  await server.api().put('/Patient/kept').send({ resourceType: 'Patient', id: 'kept' }).expect(201);
  for (const path of [
    '/Patient/kept',
    '/Patient/kept/_history/1',
    '/Patient?_id=kept',
    '/Patient/kept/_history',
    '/Patient/kept/$everything',
    '/Patient/none',
  ]) {
    const { headers } = await server.api().get(path);
    expect([path, headers['cache-control']]).toEqual([path, 'no-store']);
  }
  const same = await server.api().get('/Patient/kept').set('If-None-Match', 'W/"1"');
  expect([same.status, same.headers['cache-control']]).toEqual([304, 'no-store']);
});

test('pages of people are for nobody to frame, script or keep', async () => {
  for (const path of ['/oauth2/account', '/oauth2/link?token=x', '/oauth2/interaction/x']) {
    const { headers } = await request(server.url).get(path).redirects(3).set('Accept', 'text/html');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['cache-control']).toContain('no-store');
  }
});

test('want https for two years where the server is reached by it', async () => {
  const behind = await startTestServer({ publicUrl: 'https://clinic.example' });
  try {
    for (const path of ['/fhir/R4/metadata', '/oauth2/jwks', '/healthz', '/nothing']) {
      const { headers } = await request(behind.url).get(path).set('Host', 'clinic.example');
      expect([path, headers['strict-transport-security']]).toEqual([path, 'max-age=63072000']);
    }
  } finally {
    await behind.stop();
  }
  expect((await request(server.url).get('/')).headers['strict-transport-security']).toBeUndefined();
});
