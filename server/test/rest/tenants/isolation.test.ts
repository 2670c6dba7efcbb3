import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { until } from '../../support/program.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { makeTenant, type TestTenant } from '../../support/tenants.ts';

type Side = Pick<TestTenant, 'url' | 'base' | 'authorization' | 'api'>;

let server: TestServer;
let main: Side;
let a: TestTenant;
let b: TestTenant;
beforeAll(async () => {
  server = await startTestServer({ importAllow: ['http://127.0.0.1:9/'] });
  main = { ...server, base: `${server.url}/fhir/R4` };
  a = await makeTenant(server, `a-${randomUUID().slice(0, 8)}`);
  b = await makeTenant(server, `b-${randomUUID().slice(0, 8)}`);
  for (const [side, name] of [
    [main, 'Main'],
    [a, 'Alpha'],
    [b, 'Beta'],
  ] as const) {
    await put(side, { resourceType: 'Patient', id: 'same', name: [{ family: name }] });
    await put(side, { ...observation('of-same'), subject: { reference: 'Patient/same' } });
  }
  await put(a, { resourceType: 'Patient', id: 'only-a', name: [{ family: 'Secretperson' }] });
  await put(a, { resourceType: 'Patient', id: 'only-a', name: [{ family: 'Secretperson' }], active: true });
});
afterAll(() => server.stop());

const observation = (id: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
});
const put = (side: Side, resource: { resourceType: string; id: string; [element: string]: unknown }) =>
  side
    .api()
    .put(`/${resource.resourceType}/${resource.id}`)
    .set('Content-Type', 'application/fhir+json')
    .send(JSON.stringify(resource))
    .expect((answer) => expect([200, 201]).toContain(answer.status));
const get = async (side: Side, path: string) => (await side.api().get(path).expect(200)).body as Bundle;
const names = (bundle: Bundle) => (bundle.entry ?? []).map(({ fullUrl }) => fullUrl).sort();

test('the same id is another resource in each store', async () => {
  for (const [side, family] of [
    [main, 'Main'],
    [a, 'Alpha'],
    [b, 'Beta'],
  ] as const) {
    expect((await side.api().get('/Patient/same').expect(200)).body).toMatchObject({ name: [{ family }] });
    const found = await get(side, '/Observation?_include=Observation:subject');
    expect(names(found)).toEqual([`${side.base}/Observation/of-same`, `${side.base}/Patient/same`]);
    expect(JSON.stringify(found)).toContain(family);
  }
});

test('a token of one store is unknown in every other', async () => {
  for (const [i, side] of [main, a, b].entries())
    for (const [j, other] of [main, a, b].entries())
      for (const path of ['/Patient/same', '/Patient', '/_history', '/AuditEvent', '/ClientApplication'])
        await request(side.base)
          .get(path)
          .set('Authorization', other.authorization)
          .expect(i === j ? 200 : 401);
});

test.each(['/Patient/only-a', '/Patient/only-a/_history/1', '/Patient/only-a/_history'])(
  'an id of another store tells nothing: %s',
  async (path) => {
    await a.api().get(path).expect(200);
    const never = await b.api().get(path.replace('only-a', 'never-was'));
    for (const side of [main, b]) {
      const { status, body } = await side.api().get(path);
      expect([status, JSON.stringify(body).replaceAll('only-a', 'never-was')]).toEqual([
        404,
        JSON.stringify(never.body),
      ]);
    }
  },
);

test('what is searched, counted and told in histories is of one store', async () => {
  for (const side of [main, b]) {
    for (const path of [
      '/Patient?name=secretperson',
      '/Patient?_id=only-a',
      '/Observation?subject=Patient/only-a',
      '/Patient?_has:Observation:subject:_id=nothing',
    ])
      expect((await get(side, `${path}&_total=accurate`)).total).toBe(0);
    const history = JSON.stringify(await get(side, '/_history?_count=200'));
    expect(history).not.toMatch(/only-a|Secretperson/);
  }
});

describe('absolute references to another store', () => {
  beforeAll(() => put(b, { ...observation('pointing'), subject: { reference: `${a.base}/Patient/only-a` } }));

  test('lead nowhere: _include, chains and searches by the relative reference find nothing', async () => {
    const found = await get(b, '/Observation?_id=pointing&_include=Observation:subject');
    expect(names(found)).toEqual([`${b.base}/Observation/pointing`]);
    expect((await get(b, '/Observation?subject:Patient.name=secretperson')).entry).toBeUndefined();
    expect((await get(b, '/Observation?subject=Patient/only-a')).entry).toBeUndefined();
    const own = await get(b, `/Observation?subject=${encodeURIComponent(`${a.base}/Patient/only-a`)}`);
    expect(names(own)).toEqual([`${b.base}/Observation/pointing`]);
    await put(a, observation('of-a'));
    expect((await get(a, '/Patient?_id=only-a&_revinclude=Observation:subject')).entry).toHaveLength(1);
  });

  test('those to the own store are relative ones', async () => {
    await put(b, { ...observation('own'), subject: { reference: `${b.base}/Patient/same` } });
    const found = names(await get(b, '/Observation?subject=Patient/same&_include=Observation:subject'));
    expect(found).toContain(`${b.base}/Observation/own`);
    expect(found).toContain(`${b.base}/Patient/same`);
  });

  test('in a transaction, fullUrl and request.url of another store change nothing there', async () => {
    const patient = { resourceType: 'Patient', id: 'only-a', name: [{ family: 'Taken' }] };
    const send = (url: string, fullUrl: string) =>
      b
        .api()
        .post('')
        .set('Content-Type', 'application/fhir+json')
        .send(
          JSON.stringify({
            resourceType: 'Bundle',
            type: 'transaction',
            entry: [{ fullUrl, resource: patient, request: { method: 'PUT', url } }],
          }),
        );
    const whole = await send(`${a.base}/Patient/only-a`, `${a.base}/Patient/only-a`);
    expect(whole.status).toBe(400);
    await send('Patient/only-a', `${a.base}/Patient/only-a`);
    const inA = await a.api().get('/Patient/only-a').expect(200);
    expect(inA.body).toMatchObject({ name: [{ family: 'Secretperson' }], meta: { versionId: '2' } });
    await b.api().delete('/Patient/only-a');
    await a.api().get('/Patient/only-a').expect(200);
  });
});

test('a page link of one store is none of another', async () => {
  const page = await get(a, '/Patient?_count=1&_sort=_id');
  const next = page.link!.find(({ relation }) => relation === 'next')!.url!;
  expect(next.startsWith(`${a.base}/Patient?`)).toBe(true);
  await a.api().get(next.slice(a.base.length)).expect(200);
  for (const side of [main, b]) await side.api().get(next.slice(a.base.length)).expect(400);
});

test('a job of one store is none of another', async () => {
  const begun = await a
    .api()
    .post('/$import')
    .set('Content-Type', 'application/json')
    .set('Prefer', 'respond-async')
    .send({
      inputFormat: 'application/fhir+ndjson',
      inputSource: 'http://127.0.0.1:9/',
      input: [{ type: 'Patient', url: 'http://127.0.0.1:9/none.ndjson' }],
    })
    .expect(202);
  const location = begun.headers['content-location']!;
  expect(location.startsWith(`${a.base}/_jobs/`)).toBe(true);
  const path = location.slice(a.base.length);
  for (const side of [main, b]) {
    await side.api().get(path).expect(404);
    await side.api().delete(path).expect(404);
  }
  await a.api().delete(path).expect(202);
});

test('the bytes of a Binary are of one store', async () => {
  const made = await a
    .api()
    .post('/Binary')
    .set('Content-Type', 'application/pdf')
    .send(Buffer.from('%PDF secret of a'))
    .expect(201);
  const location = made.headers.location!.replace(/\/_history\/.*/, '');
  expect(location.startsWith(`${a.base}/Binary/`)).toBe(true);
  const path = location.slice(a.base.length);
  await a.api().get(path).set('Accept', 'application/pdf').expect(200);
  for (const side of [main, b]) await side.api().get(path).set('Accept', 'application/pdf').expect(404);
});

test('the audit log of one store tells nothing of another', async () => {
  const entity = '/AuditEvent?patient=Patient/only-a&_count=1';
  await until(async () => (await get(a, entity)).entry !== undefined, 'what was read is in the log');
  for (const side of [main, b]) expect((await get(side, '/AuditEvent?_count=1000')).entry).toBeDefined();
  expect(JSON.stringify(await get(main, '/AuditEvent?_count=1000'))).not.toContain(`${a.base}`);
  const inB = JSON.stringify(await get(b, '/AuditEvent?_count=1000'));
  expect(inB).not.toContain(`"value":"${a.base}"`);
});

test('answers name the store that they come from', async () => {
  const metadata = JSON.stringify((await request(b.base).get('/metadata').expect(200)).body);
  expect(metadata).toContain(`"url":"${b.base}"`);
  for (const url of [`"${main.base}"`, `${main.url}/oauth2`, a.url]) expect(metadata).not.toContain(url);
  const created = await b.api().post('/Patient').send({ resourceType: 'Patient' }).expect(201);
  expect(created.headers.location!.startsWith(`${b.base}/Patient/`)).toBe(true);
  const self = (await get(b, '/Patient?_count=1')).link![0]!.url!;
  expect(self.startsWith(`${b.base}/Patient?`)).toBe(true);
});

describe('a URL at which no tenant is', () => {
  const nowhere = async (path: string) => {
    const response = await fetch(`${server.url}${path}`, {
      headers: { Authorization: server.authorization },
    });
    return [response.status, await response.text()];
  };

  test.each([
    ...['/t/', '/t/never/fhir/R4/metadata', '/t/never', '/t/never/oauth2/token', '/t/%61/fhir/R4/metadata'],
    ...['/t//fhir/R4/metadata', '/t/public/fhir/R4/Patient', '/t/pg_catalog/x', '/t/maxray/fhir/R4/metadata'],
    ...[`/t/${'x'.repeat(5_000)}/fhir/R4`, '/t/..%2ffhir/R4/metadata', '/t/%2e%2e/fhir/R4/metadata', '/t/%'],
    ...[
      "/t/a';--/fhir/R4",
      '/t/a%00/fhir/R4',
      '/T/never/fhir/R4',
      '/t/never/.well-known/openid-configuration',
    ],
    ...['/.well-known/oauth-authorization-server/t/never', '/.well-known/openid-configuration/t/'],
  ])('%s is answered as any other is', async (path) => {
    expect([404, 400]).toContain(await rawStatus(path));
    if (!path.includes('%')) expect(await nowhere(path)).toEqual(await nowhere('/nowhere'));
  });

  test('names are compared by character: no other spelling leads to a tenant', async () => {
    for (const name of [a.name.toUpperCase(), `%61${a.name.slice(1)}`, `${a.name}%20`, `x/../${a.name}`])
      for (const path of [`/t/${name}/fhir/R4/metadata`, `/t/${name}/oauth2/jwks`])
        expect([path, await rawStatus(path)]).toEqual([path, 404]);
  });

  test('the main store is not below a tenant, nor a tenant below another', async () => {
    for (const path of [`/t/${a.name}/t/${b.name}/fhir/R4/metadata`, `/fhir/R4/t/${a.name}/metadata`])
      expect(await rawStatus(path)).toBe(404);
    for (const path of ['/metrics', '/healthz', '/readyz'])
      expect(await rawStatus(`/t/${a.name}${path}`)).toBe(404);
  });
});

/** Sends a path as it is: fetch would take dots out of it. */
async function rawStatus(path: string): Promise<number> {
  const { get: send } = await import('node:http');
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    send({ hostname, port, path, headers: { Authorization: server.authorization } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    }).on('error', reject);
  });
}
