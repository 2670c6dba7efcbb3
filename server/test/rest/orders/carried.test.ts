import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Identifier, ServiceRequest } from '@medplum/fhirtypes';
import { randomUUID } from 'node:crypto';
import { accessionNumber } from '../../../src/records/orders/accessionNumber.ts';
import { until } from '../../audit/support.ts';
import { ndjson, sourceServer, type Source } from '../../operations/import/source.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { storeState, type StoreState } from '../erase/storeState.ts';
import {
  ACCESSION,
  faultOf,
  hospitalNumber,
  issuedTo,
  order,
  Orders,
  posted,
  serialOf,
  studyUid,
} from './world.ts';

let source: Source;
let server: TestServer;
let state: StoreState;
beforeAll(async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  source = await sourceServer();
  server = await startTestServer({ databaseSchema, importAllow: [source.url] });
  state = await storeState(databaseSchema);
});
afterAll(async () => {
  await state.close();
  await server.stop();
  await source.close();
});
const orders = new Orders(() => server);

test('numbers that an order brings along are kept, and the one that it lacks is issued', async () => {
  const both = [hospitalNumber('H-1'), studyUid('1.2.3.1')];
  expect((await orders.post(order({ identifier: both }))).identifier).toEqual(both);
  const one = [hospitalNumber('H-2')];
  const made = await orders.post(order({ identifier: one }));
  expect(made.identifier).toEqual([...one, { system: 'urn:dicom:uid', value: expect.any(String) }]);
  const over = await orders.post(order({ status: 'completed', identifier: [hospitalNumber('H-3')] }));
  expect(over.identifier).toEqual([hospitalNumber('H-3')]);
});

test.each([
  ['accession number', hospitalNumber('TWICE')],
  ['Study Instance UID', studyUid('1.2.3.2')],
])('no two orders have the same %s, nor one that is deleted', async (_, number) => {
  const { id } = await orders.post(order({ identifier: [number] }));
  const again = order({ identifier: [{ system: 'urn:ehr', value: 'x' }, number] });
  const fault = ['duplicate', 'ServiceRequest.identifier[1].value'];
  expect(faultOf(await orders.post(again, 409))).toEqual(fault);
  expect(faultOf(await orders.put({ ...again, id: 'another' }, 409))).toEqual(fault);
  await server.api().delete(`/ServiceRequest/${id}`).expect(204);
  expect(faultOf(await orders.post(again, 409))).toEqual(fault);
  expect((await orders.put(order({ id, identifier: [number] }), 201)).identifier).toContainEqual(number);
});

test('the same number twice in a transaction, and by many at once, is one too many', async () => {
  const twice = [hospitalNumber('BUNDLE')];
  const entry = [posted(order({ identifier: twice })), posted(order({ identifier: twice }))];
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  const refused = await server.api().post('/').send(bundle).expect(409);
  expect(faultOf(refused.body)).toEqual([
    'duplicate',
    expect.stringMatching(/^Bundle\.entry\[[01]\]\.resource\.identifier\[0\]\.value$/),
  ]);
  const many = Array.from({ length: 8 }, () =>
    server
      .api()
      .post('/ServiceRequest')
      .send(order({ identifier: [hospitalNumber('MANY')] })),
  );
  const statuses = (await Promise.all(many)).map(({ status }) => status).sort();
  expect(statuses).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
});

test.each<[string, Identifier[], number]>([
  ['of 17 characters', [hospitalNumber('12345678901234567')], 0],
  ['with a backslash', [hospitalNumber('A\\B')], 0],
  ['that is empty but for spaces', [{ ...hospitalNumber('x'), value: '\u00a0' }], 0],
  ['beside another', [hospitalNumber('A-1'), hospitalNumber('A-2')], 1],
  ['that is a bare UID', [{ system: 'urn:dicom:uid', value: '1.2.3.4' }], 0],
  ['that is no UID', [studyUid('1.2.03')], 0],
])('a number %s is refused', async (_, identifier, at) => {
  const refused = await orders.post(order({ identifier }), 422);
  expect(faultOf(refused)).toEqual(['value', `ServiceRequest.identifier[${at}].value`]);
});

test('an accession number of something else than images is left alone', async () => {
  const identifier = [hospitalNumber('A number of the laboratory')];
  const laboratory = order({ category: [{ text: 'laboratory' }], identifier });
  expect((await orders.post(laboratory)).identifier).toEqual(identifier);
  expect((await orders.post(laboratory)).identifier).toEqual(identifier);
});

test('an import keeps the numbers of its orders, and those that it brings are passed over', async () => {
  const { accession } = issuedTo(await orders.post(order()));
  const [site, serial] = [accession.slice(0, 3), BigInt(serialOf(accession))];
  const carried = Array.from({ length: 20 }, (_, i) => ({
    ...hospitalNumber(accessionNumber(site, serial + BigInt(i + 1))),
    system: ACCESSION,
  }));
  const lines = carried.map((number, i) =>
    order({ id: `imported-${i}`, identifier: [number, studyUid(`1.2.4.${i + 1}`)] }),
  );
  source.files.set('o.ndjson', ndjson(lines as (ServiceRequest & { id: string })[]));
  await runImport();
  for (const line of lines)
    expect((await server.api().get(`/ServiceRequest/${line.id}`)).body.identifier).toEqual(line.identifier);
  const next = issuedTo(await orders.post(order()));
  expect(serialOf(next.accession)).toBeGreaterThan(Number(serial) + carried.length);
});

test('of an order that is erased nothing is left but that its numbers are taken', async () => {
  await server.api().put('/Patient/erased').send({ resourceType: 'Patient', id: 'erased' }).expect(201);
  const number = hospitalNumber('ERASED-NUMBER');
  const made = await orders.post(order({ subject: { reference: 'Patient/erased' }, identifier: [number] }));
  expect(await state.findAll(['ERASED-NUMBER'])).not.toEqual([]);
  const reason = { name: 'reason', valueString: 'asked by letter' };
  await server
    .api()
    .post('/Patient/erased/$erase')
    .send({ resourceType: 'Parameters', parameter: [reason] })
    .expect(200);
  expect(await state.findAll(['ERASED-NUMBER'])).toEqual([]);
  expect(await state.query('SELECT * FROM SCHEMA.order_number WHERE order_id = $1', [made.id])).toEqual([]);
  const again = await orders.post(order({ identifier: [number] }), 409);
  expect(faultOf(again)[0]).toBe('duplicate');
});

async function runImport(): Promise<void> {
  const accepted = await server
    .api()
    .post('/$import')
    .set('Prefer', 'respond-async')
    .send({
      inputFormat: 'application/fhir+ndjson',
      inputSource: 'https://elsewhere.example/fhir',
      storageDetail: { type: 'https' },
      input: [{ type: 'ServiceRequest', url: `${source.url}o.ndjson` }],
    })
    .expect(202);
  const job = accepted.headers['content-location']!.replace(/^.*\/fhir\/R4/, '');
  await until(async () => (await server.api().get(job)).status === 200, 'the import ended');
}
