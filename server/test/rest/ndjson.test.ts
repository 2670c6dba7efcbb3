import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { serverForFile } from './support.ts';

const NDJSON = 'application/fhir+ndjson';
const { api, base, fetchFhir } = serverForFile();

const PATIENTS = ['a', 'b', 'c'];

beforeAll(async () => {
  for (const id of PATIENTS) {
    await put('Patient', { id: `nd-${id}`, name: [{ text: `line\nbreak ${id}` }] });
    await put('Observation', {
      id: `nd-${id}`,
      status: 'final',
      code: { text: 'x' },
      subject: { reference: `Patient/nd-${id}` },
      valueQuantity: { value: '1.50' },
    });
  }
});

const put = (type: string, resource: { id: string; [name: string]: unknown }) =>
  api()
    .put(`/${type}/${resource.id}`)
    .set('Content-Type', 'application/fhir+json')
    .send(JSON.stringify({ resourceType: type, ...resource }).replace('"1.50"', '1.50'))
    .expect(201);

async function get(path: string, init: RequestInit = {}) {
  const answer = await fetchFhir(path, { ...init, headers: { Accept: NDJSON, ...(init.headers as object) } });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text };
}

/** The resources of an answer, which must be lines. */
function lines({ status, headers, text }: Awaited<ReturnType<typeof get>>): Resource[] {
  expect([status, headers.get('content-type')]).toEqual([200, 'application/fhir+ndjson; charset=utf-8']);
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Resource);
}
const names = (resources: Resource[]) => resources.map(({ resourceType, id }) => `${resourceType}/${id}`);
const linksOf = (headers: Headers) =>
  Object.fromEntries(
    [...(headers.get('link') ?? '').matchAll(/<([^>]*)>; rel="(\w+)"/g)].map(([, url, rel]) => [rel!, url!]),
  );

describe('a search', () => {
  test('in lines: matches, what they bring along, remarks', async () => {
    const answer = await get('/Observation?_sort=_id&_include=Observation:subject&nonsense=1', {
      headers: { Prefer: 'handling=lenient' },
    });
    const found = lines(answer);
    expect(names(found)).toEqual([
      'Observation/nd-a',
      'Observation/nd-b',
      'Observation/nd-c',
      ...['a', 'b', 'c'].map((id) => `Patient/nd-${id}`),
      'OperationOutcome/undefined',
    ]);
    expect(answer.text).toContain('"value":1.50');
  });

  test('of Binaries, which alone may be answered as they are', async () => {
    await put('Binary', { id: 'nd', contentType: 'text/plain', data: 'YWJj' });
    for (const path of ['/Binary?_id=nd', '/Binary/_history', '/Binary/nd/_history'])
      expect(names(lines(await get(path)))).toEqual(['Binary/nd']);
    expect((await get('/Binary?_id=nd', { headers: { Accept: 'image/png' } })).status).toBe(406);
    const raw = await get('/Binary/nd');
    expect([raw.status, raw.text]).toEqual([200, 'abc']);
  });

  test.each(['application/ndjson', 'application/x-ndjson', NDJSON])('Accept: %s', async (accept) => {
    expect(lines(await get('/Patient?_id=nd-a', { headers: { Accept: accept } }))).toHaveLength(1);
  });

  test.each(['ndjson', 'application/fhir+ndjson', 'application/fhir%2Bndjson'])(
    '_format=%s',
    async (format) => {
      expect(
        lines(await get(`/Patient?_id=nd-a&_format=${format}`, { headers: { Accept: '*/*' } })),
      ).toHaveLength(1);
    },
  );

  test('without matches is empty', async () => {
    expect(lines(await get('/Patient?_id=none'))).toEqual([]);
  });

  test('goes on by the header Link', async () => {
    const seen: string[] = [];
    let url: string | undefined = '/Patient?_sort=_id&_count=2&_format=ndjson';
    const relations: string[][] = [];
    while (url !== undefined) {
      const answer = await get(url, { headers: { Accept: '*/*' } });
      seen.push(...names(lines(answer)));
      const links = linksOf(answer.headers);
      relations.push(Object.keys(links).sort());
      expect(links.self).toContain(`${base()}/Patient?`);
      url = links.next;
    }
    expect(seen).toEqual(PATIENTS.map((id) => `Patient/nd-${id}`));
    expect(relations).toEqual([
      ['first', 'next', 'self'],
      ['first', 'previous', 'self'],
    ]);
  });

  test('of a form, which no link could be as long as', async () => {
    const answer = await get('/Patient/_search', {
      method: 'POST',
      body: new URLSearchParams({ _id: 'nd-a,nd-b' }),
    });
    expect(names(lines(answer)).sort()).toEqual(['Patient/nd-a', 'Patient/nd-b']);
    const long = new URLSearchParams({ name: `line,${'y'.repeat(20_000)}`, _count: '2', _sort: '_id' });
    const page = await get('/Patient/_search', { method: 'POST', body: long });
    expect(names(lines(page))).toEqual(['Patient/nd-a', 'Patient/nd-b', 'OperationOutcome/undefined']);
    const links = linksOf(page.headers);
    expect(links.self).toBeUndefined();
    const next = await get(links.next!, { method: 'POST', body: long });
    expect(names(lines(next))[0]).toBe('Patient/nd-c');
  });

  test('of which only the number is wanted is no list', async () => {
    expect((await get('/Patient?_summary=count')).status).toBe(406);
    expect((await get('/Patient?_count=0')).status).toBe(406);
    const form = { method: 'POST', body: new URLSearchParams({ _summary: 'count', _format: 'ndjson' }) };
    expect((await get('/Patient/_search', { ...form, headers: { Accept: '*/*' } })).status).toBe(406);
  });

  test('that fails answers in JSON', async () => {
    const answer = await get('/Patient?nonsense=1');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      400,
      'application/fhir+json; charset=utf-8',
    ]);
    expect(JSON.parse(answer.text)).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  test('is compressed like any answer, and has no body for HEAD', async () => {
    expect((await get('/Patient', { method: 'HEAD' })).text).toBe('');
  });
});

test('$everything in lines', async () => {
  expect(names(lines(await get('/Patient/nd-a/$everything'))).sort()).toEqual([
    'Observation/nd-a',
    'Patient/nd-a',
  ]);
});

test('a history in lines tells what was deleted', async () => {
  await put('Basic', { id: 'nd-gone', code: { text: 'x' } });
  await api().delete('/Basic/nd-gone').expect(204);
  const found = lines(await get('/Basic/nd-gone/_history'));
  expect(names(found)).toEqual(['Basic/nd-gone', 'OperationOutcome/undefined']);
  const [issue] = found[1]!.issue as { code: string; diagnostics: string }[];
  expect(issue).toMatchObject({
    code: 'deleted',
    diagnostics: expect.stringMatching(/^Basic\/nd-gone was deleted at 20.*Z, as version W\/"2"\.$/),
  });
  expect(lines(await get('/Patient/_history?_count=1'))).toHaveLength(1);
});

describe('what is no list is not given in lines', () => {
  test.each<[string, string, RequestInit]>([
    ['a resource', '/Patient/nd-a', {}],
    ['a version', '/Patient/nd-a/_history/1', {}],
    ['the statement', '/metadata', {}],
    ['an operation that gives something else', '/Patient/nd-a/$meta', {}],
  ])('%s', async (_what, path, init) => {
    const answer = await get(path, init);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      406,
      'application/fhir+json; charset=utf-8',
    ]);
    // Another format that is accepted is given.
    expect((await get(path, { headers: { Accept: `${NDJSON}, application/fhir+xml;q=0.1` } })).status).toBe(
      path.includes('$') ? 406 : 200,
    );
  });

  test('and nothing is changed by asking', async () => {
    const headers = { 'Content-Type': 'application/fhir+json' };
    const patient = JSON.stringify({ resourceType: 'Patient', id: 'nd-new' });
    const entry = { resource: JSON.parse(patient), request: { method: 'PUT', url: 'Patient/nd-new' } };
    const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: [entry] });
    expect((await get('/Patient/nd-new', { method: 'PUT', headers, body: patient })).status).toBe(406);
    expect((await get('/', { method: 'POST', headers, body: bundle })).status).toBe(406);
    expect((await get('/Patient/nd-new', { headers: { Accept: '*/*' } })).status).toBe(404);
    const meta = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }],
    };
    const add = { method: 'POST', headers, body: JSON.stringify(meta) };
    expect((await get('/Patient/nd-a/$meta-add', add)).status).toBe(406);
    expect((await api().get('/Patient/nd-a')).body.meta.tag).toBeUndefined();
    expect((await get('/Patient/nd-a', { method: 'DELETE' })).status).toBe(406);
    await api().get('/Patient/nd-a').expect(200);
  });
});
