import { describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

const post = (type: string, resource: object | string) =>
  api().post(`/${type}`).set('Content-Type', FHIR).send(fhir(resource));
const put = (type: string, id: string, resource: object | string) =>
  api().put(`/${type}/${id}`).set('Content-Type', FHIR).send(fhir(resource));
const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, ...more });

describe('create', () => {
  test('gives an id and version 1, and says where', async () => {
    const created = await post('Patient', { resourceType: 'Patient', id: 'mine', active: true }).expect(201);
    expect(created.body.id).not.toBe('mine');
    expect(created.headers.etag).toBe('W/"1"');
    expect(created.headers.location).toBe(`${base()}/Patient/${created.body.id}/_history/1`);
    expect(created.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
    expect(Date.parse(created.headers['last-modified']!)).toBe(
      Math.floor(Date.parse(created.body.meta.lastUpdated) / 1000) * 1000,
    );
    const read = await api().get(`/Patient/${created.body.id}`).expect(200);
    expect(read.text).toBe(created.text);
    expect(read.headers.etag).toBe('W/"1"');
  });

  test('keeps every digit and every character', async () => {
    const text =
      '{"resourceType":"Observation","status":"final","code":{"text":"Größe \\u0022 😀 漢字 \\\\"},' +
      '"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.50}},{"code":{"text":"b"},"valueQuantity":{"value":1e-7}},' +
      '{"code":{"text":"c"},"valueQuantity":{"value":0.10}},{"code":{"text":"d"},"valueQuantity":{"value":123456789.123456789123}}]}';
    const created = await post('Observation', text).expect(201);
    const read = await api().get(`/Observation/${created.body.id}`).expect(200);
    for (const number of ['1.50', '1e-7', '0.10', '123456789.123456789123'])
      expect(read.text).toContain(`"value":${number}}`);
    expect(read.body.code.text).toBe('Größe " 😀 漢字 \\');
    const pretty = await api().get(`/Observation/${created.body.id}?_pretty=true`).expect(200);
    expect(pretty.text).toContain('"value": 1.50');
  });

  test('keeps what the client says in meta, but not versionId and lastUpdated', async () => {
    const meta = {
      versionId: '77',
      lastUpdated: '1999-01-01T00:00:00Z',
      tag: [{ code: 'x' }],
      source: 'urn:a',
    };
    const created = await post('Patient', { resourceType: 'Patient', meta }).expect(201);
    expect(created.body.meta).toMatchObject({ versionId: '1', tag: [{ code: 'x' }], source: 'urn:a' });
    expect(created.body.meta.lastUpdated).not.toBe(meta.lastUpdated);
  });

  test('Prefer: return=minimal and OperationOutcome', async () => {
    const minimal = await post('Patient', { resourceType: 'Patient' })
      .set('Prefer', 'return=minimal')
      .expect(201);
    expect(minimal.text).toBe('');
    const outcome = await post('Patient', { resourceType: 'Patient' })
      .set('Prefer', 'return=OperationOutcome')
      .expect(201);
    expect(outcome.body.resourceType).toBe('OperationOutcome');
  });
});

describe('update', () => {
  test("makes the resource under the client's id, then new versions of it", async () => {
    const made = await put('Patient', 'upsert-1', patient('upsert-1')).expect(201);
    expect(made.body.meta.versionId).toBe('1');
    const second = await put('Patient', 'upsert-1', patient('upsert-1', { active: true })).expect(200);
    expect(second.body.meta.versionId).toBe('2');
    expect(second.headers.etag).toBe('W/"2"');
    const first = await api().get('/Patient/upsert-1/_history/1').expect(200);
    expect(first.text).toBe(made.text);
    expect((await api().get('/Patient/upsert-1/_history/2').expect(200)).text).toBe(second.text);
    await api().get('/Patient/upsert-1/_history/3').expect(404);
    await api().get('/Patient/upsert-1/_history/x').expect(404);
  });

  test('wants the id in the content', async () => {
    await put('Patient', 'wrong-id', { resourceType: 'Patient' }).expect(400);
    const refused = await put('Patient', 'wrong-id', patient('other')).expect(400);
    expect(refused.body.issue[0].expression).toEqual(['Patient.id']);
    await put('Patient', 'under_score', patient('under_score')).expect(400);
  });

  test.each(['.', '..'])('the id %s is none, since no URL can name it', async (id) => {
    const refused = await api()
      .put('/Patient?identifier=dots')
      .set('Content-Type', FHIR)
      .send(fhir(patient(id)))
      .expect(400);
    expect(refused.body.issue[0].expression).toEqual(['Patient.id']);
    expect((await api().get(`/Patient?_id=${id}&_summary=count`)).body.total).toBe(0);
  });

  test('If-Match decides between writers', async () => {
    await put('Patient', 'match-1', patient('match-1')).expect(201);
    await put('Patient', 'match-1', patient('match-1')).set('If-Match', 'W/"1"').expect(200);
    const refused = await put('Patient', 'match-1', patient('match-1')).set('If-Match', 'W/"1"').expect(412);
    expect(refused.body.issue[0].code).toBe('conflict');
    await put('Patient', 'match-1', patient('match-1')).set('If-Match', 'nonsense').expect(400);
    await put('Patient', 'match-1', patient('match-1')).set('If-Match', 'W/"abc"').expect(412);
    await put('Patient', 'match-none', patient('match-none')).set('If-Match', 'W/"1"').expect(412);
    await api().get('/Patient/match-none').expect(404);
  });

  test('If-None-Match: * only creates', async () => {
    await put('Patient', 'none-1', patient('none-1')).set('If-None-Match', '*').expect(201);
    const there = await put('Patient', 'none-1', patient('none-1')).set('If-None-Match', '*').expect(412);
    expect(there.body.issue[0].diagnostics).toContain('is at version 1, so that it is not created');
    await put('Patient', 'none-1', patient('none-1')).set('If-None-Match', 'W/"1"').expect(400);
  });
});

describe('delete', () => {
  test('leaves 410 and the history, and can be undone by an update', async () => {
    await put('Patient', 'gone-1', patient('gone-1')).expect(201);
    const deleted = await api().delete('/Patient/gone-1').expect(204);
    expect(deleted.headers.etag).toBe('W/"2"');
    const gone = await api().get('/Patient/gone-1').expect(410);
    expect(gone.body.issue[0].code).toBe('deleted');
    expect(gone.headers.etag).toBe('W/"2"');
    await api().get('/Patient/gone-1/_history/1').expect(200);
    await api().get('/Patient/gone-1/_history/2').expect(410);
    await api().delete('/Patient/gone-1').expect(204);
    const back = await put('Patient', 'gone-1', patient('gone-1')).expect(201);
    expect(back.body.meta.versionId).toBe('3');
    const history = await api().get('/Patient/gone-1/_history').expect(200);
    expect(history.body.entry.map((e: { request: { method: string } }) => e.request.method)).toEqual([
      'PUT',
      'DELETE',
      'PUT',
    ]);
  });

  test('of nothing is fine, of another version is not', async () => {
    await api().delete('/Patient/never-was').expect(204);
    await put('Patient', 'gone-2', patient('gone-2')).expect(201);
    await api().delete('/Patient/gone-2').set('If-Match', 'W/"9"').expect(412);
    await api().delete('/Patient/gone-2').set('If-Match', 'W/"1"').expect(204);
  });

  test('tells in an outcome what it did where that is preferred', async () => {
    await put('Patient', 'gone-3', patient('gone-3')).expect(201);
    const remove = () => api().delete('/Patient/gone-3').set('Prefer', 'return=OperationOutcome').expect(200);
    const deleted = await remove();
    expect(deleted.body.issue[0].diagnostics).toBe('One resource was deleted.');
    expect(deleted.headers.etag).toBe('W/"2"');
    expect((await remove()).body.issue[0].diagnostics).toBe('0 resources were deleted.');
  });
});

describe('conditional read', () => {
  test('If-None-Match and If-Modified-Since', async () => {
    const made = await put('Patient', 'cached-1', patient('cached-1')).expect(201);
    const unchanged = await api().get('/Patient/cached-1').set('If-None-Match', 'W/"1"').expect(304);
    expect(unchanged.text).toBe('');
    expect(unchanged.headers.etag).toBe('W/"1"');
    await api().get('/Patient/cached-1').set('If-None-Match', '"1"').expect(304);
    await api().get('/Patient/cached-1').set('If-None-Match', 'W/"2"').expect(200);
    const modified = made.headers['last-modified']!;
    await api().get('/Patient/cached-1').set('If-Modified-Since', modified).expect(304);
    await api()
      .get('/Patient/cached-1')
      .set('If-Modified-Since', 'Mon, 01 Jan 2001 00:00:00 GMT')
      .expect(200);
    await api()
      .get('/Patient/cached-1')
      .set('If-None-Match', 'W/"2"')
      .set('If-Modified-Since', modified)
      .expect(200);
  });
});

describe('refused', () => {
  test.each([
    ['post', '/Patient', 'If-Match', 'W/"1"'],
    ['post', '/Patient', 'If-None-Match', '*'],
    ['put', '/Patient/kept', 'If-None-Exist', 'identifier=x'],
    ['put', '/Patient/kept', 'If-Unmodified-Since', 'Mon, 01 Jan 2001 00:00:00 GMT'],
    ['delete', '/Patient/kept', 'If-None-Match', '*'],
    ['delete', '/Patient/kept', 'If-Unmodified-Since', 'Mon, 01 Jan 2001 00:00:00 GMT'],
    ['delete', '/Patient?_id=kept', 'If-None-Exist', 'identifier=x'],
    ['put', '/Patient?_id=kept', 'If-None-Exist', 'identifier=x'],
    ['post', '/', 'If-None-Exist', 'identifier=x'],
    ['post', '/', 'If-Match', 'W/"1"'],
  ] as const)('%s %s with %s, which would be passed over', async (method, path, header, value) => {
    await put('Patient', 'kept', patient('kept')).expect((answer) => answer.status < 300);
    const version = (await api().get('/Patient/kept').expect(200)).headers.etag;
    const request = api()[method](path).set('Content-Type', FHIR).set(header, value);
    const { body } = await request.send(fhir(patient('kept'))).expect(422);
    expect(body.issue[0].diagnostics).toContain(header);
    expect((await api().get('/Patient/kept').expect(200)).headers.etag).toBe(version);
  });

  test('parameters of a write that names what it writes: who means criteria means another interaction', async () => {
    const refused = await put('Patient', 'parameters?identifier=x', patient('parameters')).expect(400);
    expect(refused.body.issue[0].diagnostics).toContain("'identifier'");
    await api().get('/Patient/parameters').expect(404);
    await post('Patient?nonsense', patient('parameters')).expect(400);
    await api().delete('/Patient/parameters?_cascade=delete').expect(400);
    await post('?identifier=x', { resourceType: 'Bundle', type: 'transaction' }).expect(400);
    await put('Patient', 'parameters?_pretty=true&_format=json', patient('parameters')).expect(201);
  });

  test('what is no resource of this type', async () => {
    await post('Patient', { resourceType: 'Observation' }).expect(400);
    await post('Patient', { resourceType: 'Nonsense' }).expect(400);
    await post('Patient', '[]').expect(400);
    await post('Patient', '{').expect(400);
    await api().post('/Patient').set('Content-Type', 'text/plain').send('x').expect(415);
    await api()
      .post('/Patient')
      .set('Content-Type', 'application/fhir+json; charset=latin1')
      .send('{}')
      .expect(415);
  });

  test('structural faults, with their place', async () => {
    const refused = await post('Patient', {
      resourceType: 'Patient',
      nonsense: 1,
      name: [{ family: 7 }],
    }).expect(400);
    const places = refused.body.issue.flatMap((issue: { expression: string[] }) => issue.expression);
    expect(places).toEqual(expect.arrayContaining(['Patient.nonsense', 'Patient.name[0].family']));
  });

  test('unknown ids, types, methods', async () => {
    await api().get('/Patient/unknown').expect(404);
    await api().get('/Unknown/1').expect(404);
    expect((await api().post('/Patient/1').expect(405)).headers.allow).toContain('PUT');
  });
});

test('HEAD has the headers of GET and no body', async () => {
  await put('Patient', 'head-1', patient('head-1')).expect(201);
  const head = await api().head('/Patient/head-1').expect(200);
  expect(Number(head.headers['content-length'])).toBeGreaterThan(50);
  expect(head.headers.etag).toBe('W/"1"');
  expect(head.text).toBeUndefined();
});

test('a resource with more values to be found by than the index takes is refused', async () => {
  const member = Array.from({ length: 1000 }, (_, i) => ({ entity: { reference: `Patient/${i}` } }));
  const group = { resourceType: 'Group', type: 'person', actual: true, member };
  expect((await post('Group', group)).status).toBe(201);
  const name = Array.from({ length: 60_000 }, (_, i) => ({ family: `F${i}`, given: [`G${i}`] }));
  const refused = await post('Patient', { resourceType: 'Patient', name }).expect(422);
  expect(refused.body.issue[0].code).toBe('too-costly');
});
