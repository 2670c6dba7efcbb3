import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api } = serverForFile();

const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};
const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };
const observation = {
  resourceType: 'Observation',
  id: 'o',
  text,
  status: 'final',
  code: { text: 'x' },
  subject: { reference: 'Patient/p' },
  note: [{ text: 'n' }],
};
const OBSERVATION = fhir(observation).replace('"note"', '"valueQuantity":{"value":7.40},"note"');

const VIEWS: [string, string[]][] = [
  ['_summary=true', ['code', 'status', 'subject', 'valueQuantity']],
  ['_summary=text', ['code', 'status', 'text']],
  ['_summary=data', ['code', 'note', 'status', 'subject', 'valueQuantity']],
  ['_elements=note', ['code', 'note', 'status']],
  ['_elements=id,resourceType,note', ['code', 'note', 'status']],
  ['_elements=resourceType', ['code', 'status']],
  ['_elements=value,subject', ['code', 'status', 'subject', 'valueQuantity']],
  ['_elements=valueQuantity', ['code', 'status', 'valueQuantity']],
];
const WHOLE = ['code', 'note', 'status', 'subject', 'text', 'valueQuantity'];

type Shown = { meta: { tag?: object[]; versionId: string } } & Record<string, unknown>;
const names = (shown: Shown) => {
  const { resourceType: _type, id: _id, meta: _meta, ...rest } = shown;
  return Object.keys(rest).sort();
};

const put = (query = '') => api().put(`/Observation/o${query}`).set('Content-Type', FHIR).send(OBSERVATION);

beforeAll(async () => {
  const patient = {
    resourceType: 'Patient',
    id: 'p',
    text,
    contact: [{ gender: 'male', name: { text: 'x' } }],
    active: true,
  };
  await api().put('/Patient/p').set('Content-Type', FHIR).send(fhir(patient)).expect(201);
  await put().expect(201);
});

/** Where a resource is shown, and how it is found in the answer. */
const PLACES: [string, string, (body: never) => Shown][] = [
  ['a search', '/Observation?', (body: { entry: { resource: Shown }[] }) => body.entry[0]!.resource],
  ['a read', '/Observation/o?', (body: Shown) => body],
  ['a vread', '/Observation/o/_history/1?', (body: Shown) => body],
  [
    'the history of it',
    '/Observation/o/_history?',
    (body: { entry: { resource: Shown }[] }) => body.entry[0]!.resource,
  ],
  [
    'that of its type',
    '/Observation/_history?',
    (body: { entry: { resource: Shown }[] }) => body.entry[0]!.resource,
  ],
] as never;

describe.each(PLACES)('in %s', (_where, path, pick) => {
  test.each(VIEWS)('%s', async (query, expected) => {
    const answer = await api().get(`${path}${query}`).expect(200);
    const shown = pick(answer.body as never);
    expect(names(shown)).toEqual(expected);
    expect(shown.meta.tag).toEqual([SUBSETTED]);
    expect(shown.meta.versionId).toBe('1');
    if (expected.includes('valueQuantity')) expect(answer.text).toContain('"value":7.40');
  });

  test('_summary=false is the whole, and nothing is said to be missing', async () => {
    const shown = pick((await api().get(`${path}_summary=false`).expect(200)).body as never);
    expect(names(shown)).toEqual(WHOLE);
    expect(shown.meta.tag).toBeUndefined();
  });

  test.each(['_summary=x', '_elements=nonsense', '_elements=', '_summary=true&_elements=note'])(
    '%s is refused',
    async (query) => {
      const { body } = await api().get(`${path}${query}`).expect(400);
      expect(body.issue[0].diagnostics.length).toBeGreaterThan(10);
    },
  );
});

test('a count is no view of one resource', async () => {
  await api().get('/Observation/o?_summary=count').expect(400);
  await api().get('/_history?_summary=count').expect(400);
});

test('all kinds of resources of a search are shown so', async () => {
  const { body } = await api().get('/Observation?_include=Observation:subject&_summary=true').expect(200);
  const [match, include] = (body as { entry: { resource: Shown; search: { mode: string } }[] }).entry;
  expect(names(match!.resource)).toEqual(VIEWS[0]![1]);
  expect([include!.search.mode, names(include!.resource)]).toEqual(['include', ['active']]);
});

test('_elements are those of matches: what is included is whole', async () => {
  const { body } = await api().get('/Observation?_include=Observation:subject&_elements=code').expect(200);
  const [match, include] = (body as { entry: { resource: Shown }[] }).entry;
  expect(names(match!.resource)).toEqual(['code', 'status']);
  expect([names(include!.resource), include!.resource.meta.tag]).toEqual([
    ['active', 'contact', 'text'],
    undefined,
  ]);
});

test('the links of a search and of a history keep the view', async () => {
  for (const path of ['/Patient?_elements=active', '/Patient/_history?_elements=active']) {
    const { body } = await api().get(path).expect(200);
    expect((body as { link: { url: string }[] }).link[0]!.url).toContain('_elements=active');
  }
});

test('what a write answers', async () => {
  const shown = (await put('?_elements=note').expect(200)).body as Shown;
  expect([names(shown), shown.meta.tag]).toEqual([['code', 'note', 'status'], [SUBSETTED]]);
  const stored = (await api().get('/Observation/o').expect(200)).body as Shown;
  expect([names(stored), stored.meta.tag]).toEqual([WHOLE, undefined]);
  await put('?_summary=x').expect(400);
  expect((await api().get('/Observation/o').expect(200)).body.meta.versionId).toBe(stored.meta.versionId);
  const created = await api()
    .post('/Observation?_summary=text')
    .set('Content-Type', FHIR)
    .send(OBSERVATION)
    .expect(201);
  expect(names(created.body as Shown)).toEqual(['code', 'status', 'text']);
});

test('a Binary that was uploaded raw: its data is left out or stays, as the view says', async () => {
  await api().put('/Binary/raw').set('Content-Type', 'image/png').send(Buffer.from('bytes')).expect(201);
  const get = async (query: string) =>
    (await api().get(`/Binary/raw?${query}`).set('Accept', FHIR).expect(200)).body as Shown;
  expect((await get('')).data).toBe(Buffer.from('bytes').toString('base64'));
  expect((await get('_summary=data')).data).toBe(Buffer.from('bytes').toString('base64'));
  expect((await get('_elements=data')).meta.tag).toEqual([SUBSETTED]);
  expect(names(await get('_summary=true'))).toEqual(['contentType']);
  expect(names(await get('_elements=securityContext'))).toEqual(['contentType']);
});

describe('reads in bundles', () => {
  const send = (type: string, urls: string[]) =>
    api()
      .post('/')
      .set('Content-Type', FHIR)
      .send(
        fhir({
          resourceType: 'Bundle',
          type,
          entry: urls.map((url) => ({ request: { method: 'GET', url } })),
        }),
      );
  const read = async (type: string, ...urls: string[]) =>
    ((await send(type, urls).expect(200)).body as { entry: { resource: Record<string, unknown> }[] }).entry;

  test.each(['batch', 'transaction'])('of a %s are shown as their URLs want it', async (type) => {
    const [some, all] = await read(type, 'Observation/o?_elements=note', 'Observation/o');
    expect(some!.resource).toMatchObject({ meta: { tag: [SUBSETTED] } });
    expect(some!.resource.subject).toBeUndefined();
    expect(all!.resource).toMatchObject(observation);
  });

  test('a view that there is not is a fault of the entry, before anything is done', async () => {
    const { body } = await send('transaction', ['Observation/o', 'Observation/o?_summary=x']).expect(400);
    expect(body.issue[0].expression).toEqual(['Bundle.entry[1].request.url']);
    const entries = (await send('batch', ['Observation/o?_summary=x']).expect(200)).body.entry;
    expect(entries[0].response.status).toBe('400');
  });

  test.each(['batch', 'transaction'])('of a %s bring the bytes of a Binary along', async (type) => {
    await api()
      .put('/Binary/beside')
      .set('Content-Type', 'image/png')
      .send(Buffer.from([1, 2, 3, 255]));
    await api().put('/Binary/beside').set('Content-Type', 'text/plain').send('later').expect(200);
    await api().put('/Binary/nothing').set('Content-Type', 'text/plain').send('');
    const [now, before, slim, nothing] = await read(
      type,
      'Binary/beside',
      'Binary/beside/_history/1',
      'Binary/beside?_elements=contentType',
      'Binary/nothing',
    );
    const data = [now, before, slim, nothing].map((entry) => entry!.resource.data);
    expect(data).toEqual([Buffer.from('later').toString('base64'), 'AQID/w==', undefined, undefined]);
    expect((await api().get('/Binary/nothing?_format=json').expect(200)).body.data).toBeUndefined();
  });
});
