import { beforeAll, describe, expect, test } from '@jest/globals';
import { COUNT_MAX, VALUES_MAX } from '../../src/fhir/search/limits.ts';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

beforeAll(async () => {
  const entry = IDS.map((id, i) => ({
    resource: {
      resourceType: 'Patient',
      id,
      birthDate: `19${70 + i}-01-01`,
      // Every second of them sorts after those with a name.
      ...(i % 2 === 0 ? { name: [{ family: 'Same' }] } : {}),
    },
    request: { method: 'PUT', url: `Patient/${id}` },
  }));
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  await api().post('/').set('Content-Type', FHIR).send(fhir(bundle)).expect(200);
});

interface Bundle {
  total?: number;
  link: { relation: string; url: string }[];
  entry?: { resource: { id: string; issue?: { code: string }[] }; search: { mode: string } }[];
}

const get = async (path: string) => (await api().get(path).expect(200)).body as Bundle;
const ids = ({ entry = [] }: Bundle) =>
  entry.filter(({ search }) => search.mode === 'match').map(({ resource }) => resource.id);
const linkOf = ({ link }: Bundle, relation: string) =>
  link.find((one) => one.relation === relation)?.url.slice(base().length);

/** The pages from a link on, and the last of them. */
async function follow(path: string, relation: 'next' | 'previous'): Promise<[string[][], Bundle]> {
  const pages: string[][] = [];
  let bundle: Bundle | undefined;
  for (let at: string | undefined = path; at !== undefined; at = linkOf(bundle, relation)) {
    bundle = await get(at);
    pages.push(ids(bundle));
  }
  return [pages, bundle!];
}

describe.each([
  ['_sort=birthdate', IDS],
  ['_sort=-birthdate', [...IDS].reverse()],
  ['_sort=family,-birthdate', ['g', 'e', 'c', 'a', 'f', 'd', 'b']],
  ['_sort=-_id', [...IDS].reverse()],
  ['', undefined],
])('in the order of %s', (sort, expected) => {
  test('pages lead on to the end and back to the beginning', async () => {
    const [pages, last] = await follow(`/Patient?${sort}&_count=3`, 'next');
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    const all = pages.flat();
    if (expected) expect(all).toEqual(expected);
    else expect([...all].sort()).toEqual(IDS);
    expect(linkOf(last, 'next')).toBeUndefined();
    const [back, first] = await follow(linkOf(last, 'previous')!, 'previous');
    expect(
      back
        .map((page) => page.join(''))
        .reverse()
        .join(''),
    ).toBe(all.slice(0, 6).join(''));
    expect(linkOf(first, 'previous')).toBeUndefined();
    expect(ids(await get(linkOf(last, 'first')!))).toEqual(pages[0]);
    expect(ids(await get(linkOf(last, 'self')!))).toEqual(pages[2]);
  });
});

test('only one page needs no other links', async () => {
  expect((await get('/Patient?_count=7')).link.map(({ relation }) => relation)).toEqual(['self']);
});

test('pages of the system and of a compartment', async () => {
  for (const path of ['/?_type=Patient,Observation&_count=2', '/Patient/a/*?_count=1']) {
    const [pages] = await follow(path, 'next');
    expect(pages.flat().sort()).toEqual(path.startsWith('/?') ? IDS : ['a']);
  }
});

test('the look may change from page to page', async () => {
  const next = linkOf(await get('/Patient?_count=3&_sort=birthdate'), 'next')!;
  expect(ids(await get(`${next.replace('_count=3', '_count=2')}&_elements=name`))).toEqual(['d', 'e']);
  await api().get(next.replace('_sort=birthdate', '_sort=-birthdate')).expect(400);
});

test('the self link tells the page size that was used', async () => {
  const { link } = await get(`/Patient?_count=${COUNT_MAX + 1}&_id=a`);
  expect(link[0]!.url).toBe(`${base()}/Patient?_count=${COUNT_MAX}&_id=a`);
});

describe('the number of matches', () => {
  test.each<[string, number | undefined, number]>([
    ['_count=0', 7, 0],
    ['_summary=count', 7, 0],
    ['_summary=count&family=same', 4, 0],
    ['_total=accurate&_count=2', 7, 2],
    ['_total=estimate&_count=2', 7, 2],
    ['_total=none&_count=2', undefined, 2],
    ['_total=none', undefined, 7],
    ['', 7, 7],
    ['family=nobody', 0, 0],
    [`_count=${COUNT_MAX * 10}`, 7, 7],
  ])('Patient?%s', async (query, total, entries) => {
    const bundle = await get(`/Patient?${query}`);
    expect([bundle.total, (bundle.entry ?? []).length]).toEqual([total, entries]);
  });
});

describe(`${VALUES_MAX} values`, () => {
  const post = async (path: string, form: string) =>
    (await api().post(path).type('form').send(form).expect(200)).body as Bundle;
  const long = (n: number, text: string) =>
    Array.from({ length: n }, (_, i) => `${text}${String(i).padStart(36, '0')}`).join(',');

  test.each([
    ['_id', ''],
    ['identifier', 'https://hospital.example/fhir/identifiers/medical-record-number|'],
    ['general-practitioner', 'Practitioner/'],
    ['name:exact', 'x'],
  ])('of %s fit into a form', async (name, prefix) => {
    const values = long(VALUES_MAX - 1, prefix);
    const bundle = await post('/Patient/_search', `_count=0&${name}=${encodeURIComponent(`${values},x`)}`);
    expect(bundle.total).toBe(0);
  });

  test('find what they name, page by page, by the same form', async () => {
    const form = `_sort=birthdate&_count=3&_id=${IDS.join(',')},${long(VALUES_MAX - IDS.length, '')}`;
    const pages: string[][] = [];
    let path: string | undefined = '/Patient/_search';
    for (; path !== undefined && pages.length < 5;) {
      const bundle: Bundle = await post(path, form);
      pages.push(ids(bundle));
      expect(bundle.entry!.at(-1)!.resource.issue![0]!.code).toBe('too-long');
      path = linkOf(bundle, 'next');
    }
    expect(pages).toEqual([['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
  });

  test('do not fit into a URL, and one more into nothing', async () => {
    const { body } = await api()
      .get(`/Patient?_id=${long(300, '')}`)
      .expect(414);
    expect(body.issue[0].diagnostics).toContain('POST _search');
    const form = `_id=${long(VALUES_MAX + 1, '')}`;
    const refused = await api().post('/Patient/_search').type('form').send(form).expect(400);
    expect(refused.body.issue[0].code).toBe('too-costly');
  });
});
