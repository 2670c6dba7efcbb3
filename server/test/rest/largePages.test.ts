import { beforeAll, expect, test } from '@jest/globals';
import { PAGE_BYTES_MAX } from '../../src/store/pageBytes.ts';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

const IDS = ['large-1', 'large-2', 'large-3'];
const data = 'A'.repeat(4 * Math.ceil(PAGE_BYTES_MAX / 2 / 4));

beforeAll(async () => {
  for (const id of [...IDS, ...IDS.slice(0, 1)]) {
    const body = { resourceType: 'Binary', id, contentType: 'image/png', data };
    await api()
      .put(`/Binary/${id}`)
      .set('Content-Type', FHIR)
      .set('Prefer', 'return=minimal')
      .send(fhir(body));
  }
  await api().delete('/Binary/large-2').expect(204);
});

interface Page {
  entry: { fullUrl: string; resource?: { data: string }; response?: { etag: string } }[];
  link: { relation: string; url: string }[];
}

/** Follows the pages; one line for each. */
async function pages(path: string): Promise<string[]> {
  const found: string[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const page: Page = (await api().get(next).expect(200)).body;
    found.push(
      page.entry.map(({ fullUrl, response }) => `${fullUrl.slice(-1)}${response?.etag ?? ''}`).join(' '),
    );
    for (const { resource } of page.entry) if (resource) expect(resource.data).toHaveLength(data.length);
    next = page.link.find(({ relation }) => relation === 'next')?.url.slice(base().length);
  }
  return found;
}

test('a page of search ends before it holds too many bytes, and the next goes on there', async () => {
  expect(await pages('/Binary?_count=10')).toEqual(['1', '3']);
});

test.each(['/Binary/_history', '/_history'])('so does %s', async (path) => {
  expect(await pages(path)).toEqual(['2W/"2" 1W/"2"', '3W/"1"', '2W/"1"', '1W/"1"']);
});

test('and the history of one resource', async () => {
  expect(await pages('/Binary/large-1/_history')).toEqual(['1W/"2"', '1W/"1"']);
  expect(await pages('/Binary/large-2/_history')).toEqual(['2W/"2" 2W/"1"']);
});

test('what is included stops there too, and says so', async () => {
  const item = ['large-3', 'large-1'].map((id) => ({ item: { reference: `Binary/${id}` } }));
  const list = { resourceType: 'List', id: 'l', status: 'current', mode: 'working', entry: item };
  await api().put('/List/l').set('Content-Type', FHIR).send(fhir(list)).expect(201);
  const { body } = await api().get('/List?_id=l&_include=List:item').expect(200);
  const entries = (
    body as { entry: { search: { mode: string }; resource: { issue?: { code: string }[] } }[] }
  ).entry;
  expect(entries.map(({ search }) => search.mode)).toEqual(['match', 'include', 'outcome']);
  expect(entries[2]!.resource.issue![0]!.code).toBe('too-costly');
});

test('the searches of a batch bring no more than one page together', async () => {
  const entry = Array.from({ length: 6 }, () => ({ request: { method: 'GET', url: 'Binary?_id=large-3' } }));
  const answer = await api()
    .post('/')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Bundle', type: 'batch', entry }))
    .expect(200);
  const responses = (answer.body as { entry: { response: { status: string } }[] }).entry;
  expect(responses.filter(({ response }) => !/^(200|413)/.test(response.status))).toEqual([]);
  const statuses = responses.map(({ response }) => response.status.slice(0, 3)).sort();
  expect(statuses).toEqual(['200', '413', '413', '413', '413', '413']);
});

const manyReads = (type: string) => {
  const entry = Array.from({ length: 20 }, () => ({ request: { method: 'GET', url: 'Binary/large-3' } }));
  return api()
    .post('/')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Bundle', type, entry }));
};

test('the reads of a batch bring no more than one page', async () => {
  const answer = await manyReads('batch').expect(200);
  const responses = (answer.body as { entry: { response: { status: string } }[] }).entry;
  const statuses = responses.map(({ response }) => response.status.slice(0, 3));
  expect(statuses.filter((status) => status === '200')).toHaveLength(1);
  expect(statuses.filter((status) => status === '413')).toHaveLength(19);
});

test('a transaction that reads more than one page is refused', async () => {
  const { body } = await manyReads('transaction').expect(413);
  expect(body.issue[0].expression).toEqual(['Bundle.entry[1].request.url']);
});
