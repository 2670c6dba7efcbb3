import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

const PATIENTS = [
  {
    id: 'p1',
    name: [{ family: 'Müller-Lüdenscheidt', given: ['Änne', 'Maria'] }],
    gender: 'female',
    active: true,
  },
  {
    id: 'p2',
    name: [{ family: 'Muller', given: ['Bob'] }],
    gender: 'male',
    identifier: [{ system: 'urn:mrn', value: '77' }],
  },
  {
    id: 'p3',
    name: [{ family: "O'Brien%_\\" }],
    gender: 'male',
    identifier: [{ system: 'urn:other', value: '77' }],
    managingOrganization: { reference: 'Organization/o1' },
  },
  {
    id: 'p4',
    name: [{ text: '山田 太郎' }],
    identifier: [{ value: '88' }],
    meta: { profile: ['http://example.org/p'], tag: [{ system: 'urn:t', code: 'vip' }] },
  },
];

beforeAll(async () => {
  for (const patient of PATIENTS) {
    await api()
      .put(`/Patient/${patient.id}`)
      .set('Content-Type', FHIR)
      .send(fhir({ resourceType: 'Patient', ...patient }))
      .expect(201);
  }
});

const ids = async (query: string) => {
  const { body } = await api().get(`/Patient?${query}`).expect(200);
  return ((body.entry ?? []) as { resource: { id: string } }[]).map((entry) => entry.resource.id).sort();
};

test.each<[string, string[]]>([
  ['', ['p1', 'p2', 'p3', 'p4']],
  ['_id=p1', ['p1']],
  ['_id=p1,p3,unknown', ['p1', 'p3']],
  ['family=muller', ['p1', 'p2']],
  ['family=MÜLLER-L', ['p1']],
  ['name=anne', ['p1']],
  ['name=maria', ['p1']],
  ['name=aria', []],
  ['name=山田', ['p4']],
  ["family=o'brien%25_", ['p3']],
  ['family=%25', []],
  ['family=_', []],
  ['family:exact=Muller', ['p2']],
  ['family:exact=muller', []],
  ['gender=male', ['p2', 'p3']],
  ['gender=male,female', ['p1', 'p2', 'p3']],
  ['gender=male&family=muller', ['p2']],
  ['gender=male&gender=female', []],
  ['active=true', ['p1']],
  ['identifier=77', ['p2', 'p3']],
  ['identifier=urn:mrn|77', ['p2']],
  ['identifier=urn:mrn|', ['p2']],
  ['identifier=|88', ['p4']],
  ['identifier=|77', []],
  ['identifier=urn:mrn|77,|88', ['p2', 'p4']],
  ['organization=Organization/o1', ['p3']],
  ['organization=o1', ['p3']],
  ['organization=o2', []],
  ['_profile=http://example.org/p', ['p4']],
  ['_tag=urn:t|vip', ['p4']],
])('Patient?%s', async (query, expected) => {
  expect(await ids(query)).toEqual(expected);
});

test('POST _search is the same', async () => {
  const form = await api().post('/Patient/_search').type('form').send('gender=male&family=mull').expect(200);
  expect(form.body.entry.map((entry: { resource: { id: string } }) => entry.resource.id)).toEqual(['p2']);
  expect(form.body.link[0].url).toBe(`${base()}/Patient?gender=male&family=mull`);
  await api().post('/Patient/_search').set('Content-Type', FHIR).send('{}').expect(415);
});

test('pages go on while others write', async () => {
  for (let i = 0; i < 7; i++) {
    const basic = { resourceType: 'Basic', id: `b${i}`, code: { coding: [{ code: 'page' }] } };
    await api().put(`/Basic/b${i}`).set('Content-Type', FHIR).send(fhir(basic)).expect(201);
  }
  const seen: string[] = [];
  let path: string | undefined = '/Basic?code=page&_count=3';
  while (path !== undefined) {
    const { body } = await api().get(path).expect(200);
    seen.push(...body.entry.map((entry: { resource: { id: string } }) => entry.resource.id));
    const next = body.link.find((link: { relation: string }) => link.relation === 'next') as
      { url: string } | undefined;
    path = next?.url.slice(base().length);
    await api().delete(`/Basic/${seen[0]}`).expect(204);
  }
  expect(seen).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6']);
});

test('a page link is bound to its query', async () => {
  const { body } = await api().get('/Patient?_count=1').expect(200);
  const next = body.link[1].url as string;
  await api()
    .get(`${next.slice(base().length)}&gender=male`)
    .expect(400);
  await api().get('/Patient?_page=AAAA').expect(400);
});

test('an updated resource is found by its new values only, a deleted one not at all', async () => {
  const put = (family: string) =>
    api()
      .put('/Patient/moving')
      .set('Content-Type', FHIR)
      .send(fhir({ resourceType: 'Patient', id: 'moving', name: [{ family }] }));
  await put('Before');
  await put('After');
  expect(await ids('family=before')).toEqual([]);
  expect(await ids('family=after')).toEqual(['moving']);
  await api().delete('/Patient/moving').expect(204);
  expect(await ids('family=after')).toEqual([]);
  expect(await ids('_id=moving')).toEqual([]);
});

describe('what cannot be searched', () => {
  test.each([
    'nonsense=1',
    'birthdate=2020-13',
    'name:below=x',
    'name:nonsense=x',
    'gender=',
    'gender=a|b|c',
    'identifier=|',
    '_count=x',
    '_sort=nonsense',
    '_summary=x',
    '_elements=nonsense',
    '_total=x',
    '_include=Patient:name',
    '_include=Observation:subject',
    '_contained=true&_sort=name',
    '_type=Patient',
    '_filter=name',
  ])('%s is refused', async (query) => {
    const { body } = await api().get(`/Patient?${query}`).expect(400);
    expect(body.issue[0].diagnostics.length).toBeGreaterThan(10);
  });

  test('with lenient handling it is left out, and said', async () => {
    const { body } = await api()
      .get('/Patient?nonsense=1&gender=female')
      .set('Prefer', 'handling=lenient')
      .expect(200);
    expect(body.link[0].url).toBe(`${base()}/Patient?gender=female`);
    expect(body.entry.map((entry: { search: { mode: string } }) => entry.search.mode)).toEqual([
      'match',
      'outcome',
    ]);
  });

  test('too many parameters or values', async () => {
    await api()
      .get(`/Patient?${'gender=male&'.repeat(51)}`)
      .expect(400);
    await api()
      .post('/Patient/_search')
      .type('form')
      .send(`_id=${'a,'.repeat(10_001)}a`)
      .expect(400);
  });
});

test('a type nobody has written yet has nothing', async () => {
  expect((await api().get('/Substance?code=x').expect(200)).body.entry).toBeUndefined();
  await api().get('/Substance/1').expect(404);
  await api().get('/Substance/1/_history').expect(404);
  expect((await api().get('/Substance/_history').expect(200)).body.entry).toBeUndefined();
});

test.each([
  ['strings', 'Patient', 'name', 4],
  ['exact strings', 'Patient', 'name:exact', 11],
  ['references to any type', 'List', 'item', 1],
  ['tokens', 'Patient', 'identifier', 11],
])('more %s than a search may ask for are refused', async (_what, type, name, times) => {
  await api()
    .put('/List/l1')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'List', id: 'l1', status: 'current', mode: 'working' }));
  const values = Array.from({ length: 10_000 }, (_, i) => `a${i}`).join(',');
  const form = Array.from({ length: times }, () => `${name}=${values}`).join('&');
  const search = (text: string) => api().post(`/${type}/_search`).type('form').send(text);
  const answer = await search(form).expect(400);
  expect(answer.body.issue[0].code).toBe('too-costly');
  await search(`${name}=${values.slice(0, values.indexOf(',a500,'))}`).expect(200);
});
