import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { studyOf } from '../dicomweb/world.ts';
import { follow, linkTo, visit } from './links.ts';

let server: TestServer;
let people: People;
let ofAnn: string;
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
  for (const id of ['ann', 'ben']) await people.put({ resourceType: 'Patient', id, name: [{ family: id }] });
  await people.put(studyOf('chest', '1.2.3.1', { reference: 'Patient/ann' }));
  await people.put(studyOf('head', '1.2.3.2', { reference: 'Patient/ben' }));
  await people.put(studyOf('unmatched', '1.2.3.3', { identifier: { value: '1' } }));
  await people.policy('of-ann', [
    { resourceType: 'Patient', criteria: 'Patient?_id=ann' },
    { resourceType: 'ImagingStudy', criteria: 'ImagingStudy?patient=Patient/ann' },
  ]);
  ofAnn = await people.client('of-ann', { profile: 'Patient/ann', policies: ['of-ann'] });
});
afterAll(() => server.stop());

const view = (id: string, authorization = ofAnn) => linkTo(server, id, authorization);
const page = (id: string) => `${server.url}/viewer/${id}`;
const ask = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(url, { headers, method, redirect: 'manual' });

describe('a link to the viewer', () => {
  test('begins a visit once, whose cookie no script reads and no other page sends', async () => {
    const { url, expires } = await view('chest');
    expect(url.startsWith(`${page('chest')}?ticket=`)).toBe(true);
    expect(Date.parse(expires)).toBeLessThanOrEqual(Date.now() + 300_000);
    const first = await ask(url);
    expect([first.status, first.headers.get('location')]).toEqual([303, page('chest')]);
    expect(first.headers.get('set-cookie')).toMatch(
      /^maxray_visit=[\w-]{32}; Path=\/viewer\/chest; Max-Age=\d+; HttpOnly; SameSite=Strict$/,
    );
    const second = await ask(url);
    expect([second.status, second.headers.get('set-cookie')]).toEqual([303, null]);
  });

  test('is for one study alone', async () => {
    const { url } = await view('chest');
    const other = await ask(url.replace('/chest?', '/head?'));
    expect(other.headers.get('set-cookie')).toBeNull();
  });

  test.each([
    ['that does not exist', 'none', 404],
    ['that the caller may not see', 'head', 404],
    ['of which nobody knows whose it is', 'unmatched', 422],
  ])('is not made for a study %s', async (_what, id, status) => {
    const authorization = id === 'unmatched' ? server.authorization : ofAnn;
    const answer = await ask(`${server.url}/fhir/R4/ImagingStudy/${id}/$view`, { authorization }, 'POST');
    expect([answer.status, (await answer.json()) as object]).toMatchObject([
      status,
      { resourceType: 'OperationOutcome' },
    ]);
  });

  test('is not made by GET, nor without signing in', async () => {
    const url = `${server.url}/fhir/R4/ImagingStudy/chest/$view`;
    expect((await ask(url, { authorization: ofAnn })).status).toBe(405);
    expect((await ask(url, {}, 'POST')).status).toBe(401);
  });
});

describe('a visit', () => {
  let cookie: string;
  beforeAll(async () => {
    cookie = await follow((await view('chest')).url);
  });
  const study = () => `${page('chest')}/fhir/R4/ImagingStudy`;

  test('sees what the token sees, and no more', async () => {
    const found = await ask(study(), { cookie });
    expect(found.status).toBe(200);
    expect(((await found.json()) as { total?: number; entry: unknown[] }).entry).toHaveLength(1);
    expect((await ask(`${study()}/head`, { cookie })).status).toBe(404);
    expect((await ask(`${page('chest')}/fhir/R4/Patient/ann`, { cookie })).status).toBe(200);
    expect((await ask(`${page('chest')}/fhir/R4/Patient/ben`, { cookie })).status).toBe(404);
  });

  test('changes nothing, and opens nothing but studies and whose they are', async () => {
    expect((await ask(`${study()}/chest`, { cookie }, 'DELETE')).status).toBe(405);
    expect((await ask(`${page('chest')}/fhir/R4/Observation`, { cookie })).status).toBe(404);
    expect((await ask(`${server.url}/fhir/R4/ImagingStudy/chest`, { cookie })).status).toBe(401);
    expect((await ask(`${server.url}/dicomweb/studies`, { cookie })).status).toBe(401);
  });

  test.each([
    ['without a cookie', {}],
    ['with another cookie', { cookie: `maxray_visit=${'A'.repeat(32)}` }],
    ['from a page of another origin', { origin: 'http://localhost:3000' }],
    ['from another page of this site', { 'sec-fetch-site': 'same-site' }],
  ])('is none %s', async (what, headers) => {
    const own: Record<string, string> = what.startsWith('from') ? { cookie } : {};
    expect((await ask(`${study()}/chest`, { ...own, ...(headers as Record<string, string>) })).status).toBe(
      401,
    );
  });

  test('is none below the page of another study', async () => {
    expect((await ask(`${page('head')}/fhir/R4/ImagingStudy/chest`, { cookie })).status).toBe(401);
  });

  test('ends with what its holder was given', async () => {
    const authorization = await people.client('soon-gone', { profile: 'Patient/ann', policies: ['of-ann'] });
    const own = { cookie: await follow((await view('chest', authorization)).url) };
    expect((await ask(`${study()}/chest`, own)).status).toBe(200);
    await server.api().delete('/ClientApplication/soon-gone').expect(204);
    expect((await ask(`${study()}/chest`, own)).status).toBe(401);
  });
});

describe('the page', () => {
  test('holds nothing of anybody, and runs nothing from elsewhere', async () => {
    const answer = await visit(page('chest'));
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).not.toContain('unsafe-inline');
    const html = await answer.text();
    const [, script] = /src="\.\/(_assets\/[\w-]+\.js)"/.exec(html) ?? [];
    const bundle = await ask(`${server.url}/viewer/${script}`, { 'accept-encoding': 'gzip' });
    expect([bundle.status, bundle.headers.get('content-encoding')]).toEqual([200, 'gzip']);
    expect(bundle.headers.get('cache-control')).toContain('immutable');
    await bundle.body?.cancel();
  });

  test.each([
    ['/viewer/_assets/..%2findex.html'],
    ['/viewer/_assets/../../package.json'],
    ['/viewer/_assets/'],
  ])('has nothing at %s', async (path) => {
    expect((await ask(server.url + path)).status).toBe(404);
  });
});
