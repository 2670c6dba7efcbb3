import { describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api } = serverForFile();

const patient = (id: string) => ({ resourceType: 'Patient', id });
const put = (id: string, ifMatch?: string) => {
  const request = api().put(`/Patient/${id}`).set('Content-Type', FHIR);
  return (ifMatch === undefined ? request : request.set('If-Match', ifMatch)).send(fhir(patient(id)));
};
const activate = {
  resourceType: 'Binary',
  contentType: 'application/merge-patch+json',
  data: 'eyJhY3RpdmUiOnRydWV9',
};
const bundle = (type: string, ...entry: object[]) =>
  api()
    .post('/')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Bundle', type, entry }));
const entry = (method: string, url: string, ifMatch: string, resource?: object) => ({
  ...(resource && { resource }),
  request: { method, url, ifMatch },
});
const statuses = (body: { entry: { response: { status: string } }[] }) =>
  body.entry.map(({ response }) => response.status.slice(0, 3));

describe('If-Match: * is any version that there is', () => {
  test('of an update, which then makes nothing', async () => {
    await put('any-1').expect(201);
    await put('any-1', '*').expect(200);
    await api().delete('/Patient/any-1').expect(204);
    await put('any-1', '*').expect(412);
    await put('any-never', '*').expect(412);
    await api().get('/Patient/any-never').expect(404);
  });

  test('of a deletion and a patch', async () => {
    await put('any-2').expect(201);
    const patch = () => api().patch('/Patient/any-2').set('Content-Type', 'application/merge-patch+json');
    await patch().set('If-Match', ' * ').send('{"active":true}').expect(200);
    await api().delete('/Patient/any-2').set('If-Match', '*').expect(204);
    await api().delete('/Patient/any-2').set('If-Match', '*').expect(412);
  });

  test('of criteria', async () => {
    const update = (query: string) =>
      api()
        .put(`/Patient?${query}`)
        .set('Content-Type', FHIR)
        .set('If-Match', '*')
        .send(fhir(patient('any-3')));
    await update('_id=any-3').expect(412);
    await put('any-3').expect(201);
    await update('_id=any-3').expect(200);
  });

  test.each(['*', 'W/"1"'])('of a deletion by criteria that find nothing (%s)', async (ifMatch) => {
    const refused = await api().delete('/Patient?_id=any-gone').set('If-Match', ifMatch).expect(412);
    expect(refused.body.issue[0].diagnostics).toContain('no version to match');
    const gone = entry('DELETE', 'Patient?_id=any-gone', ifMatch);
    const inBundle = await bundle('transaction', gone).expect(412);
    expect(inBundle.body.issue[0].expression).toEqual(['Bundle.entry[0].request.ifMatch']);
    expect(statuses((await bundle('batch', gone).expect(200)).body)).toEqual(['412']);
    await api().delete('/Patient?_id=any-gone').expect(204);
  });

  test('of raw bytes', async () => {
    const upload = () =>
      api().put('/Binary/any').set('Content-Type', 'text/plain').set('If-Match', '*').send('x');
    await upload().expect(412);
    await api().put('/Binary/any').set('Content-Type', 'text/plain').send('x').expect(201);
    await upload().expect(200);
  });
});

describe('If-Match with several ETags', () => {
  test('asks for one of them', async () => {
    await put('list-1').expect(201);
    await put('list-1').expect(200);
    await put('list-1', 'W/"1", W/"3"').expect(412);
    const done = await put('list-1', ',W/"1" ,"2",').expect(200);
    expect(done.headers.etag).toBe('W/"3"');
    await put('list-none', 'W/"1", W/"2"').expect(412);
    await put('list-1', 'W/"3", 3').expect(400);
    await put('list-1', 'W/"3", *').expect(400);
    await put('list-1', ',').expect(400);
  });
});

describe('ifMatch in bundles', () => {
  test.each(['batch', 'transaction'])('%s: what is expected is there', async (type) => {
    const [one, two, three] = ['a', 'b', 'c'].map((name) => `${type}-${name}`) as [string, string, string];
    for (const id of [one, two, three]) await put(id).expect(201);
    const done = await bundle(
      type,
      entry('PUT', `Patient/${one}`, '*', patient(one)),
      entry('PATCH', `Patient/${two}`, 'W/"7", W/"1"', activate),
      entry('DELETE', `Patient/${three}`, 'W/"1", W/"2"'),
    ).expect(200);
    expect(statuses(done.body)).toEqual(['200', '200', '204']);
    const again = [
      entry('PUT', `Patient/${one}`, 'W/"1", W/"3"', patient(one)),
      entry('PUT', `Patient/${type}-never`, '*', patient(`${type}-never`)),
      entry('DELETE', `Patient/${three}`, '*'),
    ];
    if (type === 'batch') {
      expect(statuses((await bundle(type, ...again).expect(200)).body)).toEqual(['412', '412', '412']);
    } else {
      for (const one of again) {
        const refused = await bundle(type, one).expect(412);
        expect(refused.body.issue[0].expression).toEqual(['Bundle.entry[0].request.ifMatch']);
      }
    }
  });

  test('a reference to what any version of may be there names no version', async () => {
    await put('referred').expect(201);
    const observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0/_history/1' },
    };
    const done = await bundle(
      'transaction',
      {
        fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
        ...entry('PUT', 'Patient/referred', '*', patient('referred')),
      },
      { resource: observation, request: { method: 'POST', url: 'Observation' } },
    ).expect(200);
    const [, made] = done.body.entry;
    const read = await api().get(`/Observation/${made.response.location.split('/').at(-3)}`);
    expect(read.body.subject.reference).toBe('Patient/referred');
  });
});
