import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ImagingStudy } from '@medplum/fhirtypes';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { faultOf, studyUid } from '../orders/world.ts';

const WRITERS = 8;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const study = (uid: string, more: Partial<ImagingStudy> = {}): ImagingStudy => ({
  resourceType: 'ImagingStudy',
  status: 'available',
  identifier: [{ system: 'urn:ehr', value: 'x' }, studyUid(uid)],
  subject: { reference: 'Patient/somebody' },
  ...more,
});
const post = (resource: ImagingStudy) => server.api().post('/ImagingStudy').send(resource);
const put = (id: string, resource: ImagingStudy) =>
  server
    .api()
    .put(`/ImagingStudy/${id}`)
    .send({ ...resource, id });
const transact = (entry: object[]) =>
  server.api().post('/').send({ resourceType: 'Bundle', type: 'transaction', entry });
const posted = (resource: ImagingStudy) => ({ resource, request: { method: 'POST', url: 'ImagingStudy' } });
const idOf = ({ body }: { body: unknown }) => (body as { id: string }).id;

const TAKEN = ['duplicate', 'ImagingStudy.identifier[1].value'];

test('no two studies have one UID, however the second is written', async () => {
  const first = await post(study('1.2.3.1')).expect(201);
  expect(faultOf((await post(study('1.2.3.1')).expect(409)).body)).toEqual(TAKEN);
  expect(faultOf((await put('another', study('1.2.3.1')).expect(409)).body)).toEqual(TAKEN);
  const entry = [posted(study('1.2.3.11')), posted(study('1.2.3.1'))];
  expect(faultOf((await transact(entry).expect(409)).body)).toEqual([
    'duplicate',
    'Bundle.entry[1].resource.identifier[1].value',
  ]);
  await put('other', study('1.2.3.12')).expect(201);
  const patch = [{ op: 'add', path: '/identifier/-', value: studyUid('1.2.3.1') }];
  const patched = await server
    .api()
    .patch('/ImagingStudy/other')
    .set('Content-Type', 'application/json-patch+json')
    .send(JSON.stringify(patch))
    .expect(409);
  expect(faultOf(patched.body)).toEqual(['duplicate', 'ImagingStudy.identifier[2].value']);
  await put(idOf(first), study('1.2.3.1', { description: 'Chest' })).expect(200);
});

test('a transaction gives a UID once, too, and may hand it on', async () => {
  const fault = faultOf((await transact([posted(study('1.2.3.2')), posted(study('1.2.3.2'))])).body);
  expect(fault).toEqual(['duplicate', 'Bundle.entry[1].resource.identifier[1].value']);
  await put('before', study('1.2.3.2')).expect(201);
  const gone = { request: { method: 'DELETE', url: 'ImagingStudy/before' } };
  await transact([posted(study('1.2.3.2')), gone]).expect(200);
  expect((await post(study('1.2.3.2'))).status).toBe(409);
});

test('what is not known, or is deleted, or has changed its UID, has none', async () => {
  await put('deleted', study('1.2.3.3')).expect(201);
  await server.api().delete('/ImagingStudy/deleted').expect(204);
  await put('changed', study('1.2.3.3')).expect(201);
  await put('deleted', study('1.2.3.3')).expect(409);
  await put('changed', study('1.2.3.31')).expect(200);
  await put('deleted', study('1.2.3.3')).expect(201);
  const without = { identifier: [{ system: 'urn:ehr', value: '1.2.3.31' }] };
  await post(study('1.2.3.31', without)).expect(201);
});

test('of writers at the same moment one gets it', async () => {
  const answers = await Promise.all(
    Array.from({ length: WRITERS }, (_, i) =>
      i % 2 === 0 ? post(study('1.2.3.4')) : put(`race-${i}`, study('1.2.3.4')),
    ),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([201, ...Array<number>(WRITERS - 1).fill(409)]);
  const found = await server.api().get('/ImagingStudy?identifier=urn:dicom:uid|urn:oid:1.2.3.4');
  expect((found.body as { total?: number; entry: unknown[] }).entry).toHaveLength(1);
});

test('what is created unless it is there is created once', async () => {
  const create = () =>
    post(study('1.2.3.5')).set('If-None-Exist', 'identifier=urn:dicom:uid|urn:oid:1.2.3.5');
  const answers = await Promise.all([create(), create(), create()]);
  expect(new Set(answers.map(idOf)).size).toBe(1);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
});
