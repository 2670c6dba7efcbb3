import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

const put = (type: string, id: string, more: object = {}) =>
  api()
    .put(`/${type}/${id}`)
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: type, id, ...more }));

const TAG = { system: 'urn:t', code: 'vip' };
const addTag = fhir({
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [TAG] } }],
});

interface Bundle {
  link: { relation: string; url: string }[];
  entry: { resource: { id: string; meta: { tag?: object[] } } }[];
}

beforeAll(async () => {
  await put('Patient', 'p', { active: true }).expect(201);
  for (const id of ['c1', 'c2', 'c3'])
    await put('Condition', id, { subject: { reference: 'Patient/p' } }).expect(201);
});

test('an operation answers where it is, by GET, HEAD and POST', async () => {
  for (const path of ['/$meta', '/Patient/$meta', '/Patient/p/$meta', '/Patient/p/_history/1/$meta']) {
    const { body } = await api().get(path).expect(200);
    expect(body.resourceType).toBe('Parameters');
    expect((await api().post(path).expect(200)).body).toEqual(body);
    expect((await api().head(path).expect(200)).text).toBeUndefined();
  }
});

test('one that changes something takes POST only', async () => {
  for (const method of ['get', 'head'] as const) {
    const answer = await api()[method]('/Patient/p/$meta-add').expect(405);
    expect(answer.headers.allow).toBe('POST, OPTIONS');
  }
  const post = () => api().post('/Patient/p/$meta-add').set('Content-Type', FHIR);
  await post().set('If-Match', 'W/"7"').send(addTag).expect(422);
  expect((await post().send(addTag).expect(200)).body.parameter[0].valueMeta.tag).toEqual([TAG]);
  expect((await api().get('/Patient/p').expect(200)).body.meta.tag).toEqual([TAG]);
});

describe('its body', () => {
  const post = (body: string) => api().post('/Patient/p/$meta-add').set('Content-Type', FHIR).send(body);

  test.each<[string, string, number]>([
    ['is JSON', '{', 400],
    ['is a resource', '[]', 400],
    ['has a type', '{"parameter":[]}', 400],
    ['is sound', '{"resourceType":"Parameters","parameter":[{"valueString":"x"}]}', 400],
    ['has known elements', '{"resourceType":"Parameters","nonsense":1}', 400],
  ])('%s', async (_what, body, status) => {
    const answer = await post(body).expect(status);
    expect(answer.body.issue[0].diagnostics.length).toBeGreaterThan(10);
  });

  test('is no form', async () => {
    await api().post('/Patient/p/$meta').type('form').send('a=b').expect(415);
  });
});

test.each([
  '/$nothing',
  '/Patient/$nothing',
  '/Patient/p/$nothing',
  '/Organization/o/$everything',
  '/$everything',
])('%s is not there', async (path) => {
  await api().get(path).expect(404);
  await api().post(path).expect(404);
  await api().put(path).send('{}').expect(405);
});

test('its pages lead on, in the view that was asked for', async () => {
  const ids: string[] = [];
  let path: string | undefined = '/Patient/p/$everything?_count=2&_elements=subject';
  for (let page = 0; path !== undefined; page++) {
    expect(page).toBeLessThan(5);
    const bundle = (await api().get(path).expect(200)).body as Bundle;
    for (const { resource } of bundle.entry) {
      ids.push(resource.id);
      expect(JSON.stringify(resource.meta.tag)).toContain('SUBSETTED');
    }
    expect(bundle.link[0]!.url).toContain(`${base()}/Patient/p/$everything?_count=2&_elements=subject`);
    path = bundle.link.find(({ relation }) => relation === 'next')?.url.slice(base().length);
  }
  expect(ids.sort()).toEqual(['c1', 'c2', 'c3', 'p']);
});

test('a batch calls operations', async () => {
  const tag = { system: 'urn:t', code: 'batch' };
  const resource = {
    resourceType: 'Parameters',
    parameter: [{ name: 'meta', valueMeta: { tag: [tag] } }],
  };
  const entry = [
    { request: { method: 'GET', url: 'Patient/p/$everything?_count=10' } },
    { request: { method: 'POST', url: 'Condition/c1/$meta-add' }, resource },
    { request: { method: 'GET', url: 'Condition/c1/$meta-add' } },
    { request: { method: 'POST', url: 'Condition/c1/$meta-add', ifMatch: 'W/"9"' }, resource },
    { request: { method: 'POST', url: 'Condition/nobody/$meta-add' }, resource },
  ];
  const answer = await api()
    .post('/')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Bundle', type: 'batch', entry }))
    .expect(200);
  const entries = (
    answer.body as { entry: { resource?: { entry?: object[] }; response: { status: string } }[] }
  ).entry;
  expect(entries.map(({ response }) => response.status.slice(0, 3))).toEqual([
    '200',
    '200',
    '405',
    '422',
    '404',
  ]);
  expect(entries[0]!.resource!.entry).toHaveLength(4);
  expect((await api().get('/Condition/c1').expect(200)).body.meta).toMatchObject({
    versionId: '2',
    tag: [tag],
  });
});

test('the capabilities name it', async () => {
  const { body } = await api().get('/metadata').expect(200);
  const rest = body.rest[0] as {
    operation: { name: string }[];
    resource: { type: string; operation: { name: string; definition: string }[] }[];
  };
  const names = (type: string) =>
    rest.resource.find((one) => one.type === type)!.operation.map(({ name }) => name);
  expect(rest.operation.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['meta', 'reindex', 'import']),
  );
  expect(names('Patient')).toEqual(expect.arrayContaining(['everything', 'meta', 'meta-add', 'meta-delete']));
  expect(names('Observation')).toEqual(expect.arrayContaining(['lastn', 'stats']));
  expect(names('Organization')).not.toContain('everything');
});
