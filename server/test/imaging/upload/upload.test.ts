import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImagingStudy, Parameters, ServiceRequest } from '@medplum/fhirtypes';
import { randomBytes } from 'node:crypto';
import { Upload } from 'tus-js-client';
import { encodePng } from '../../../../dicom-bridge/src/rendering/png.ts';
import { until } from '../../../../dicom-bridge/test/support/bridge.ts';
import { xray } from '../../../../dicom-bridge/test/support/dicomObject.ts';
import { orderOf } from '../../../../dicom-bridge/test/support/orders.ts';
import { People } from '../../support/people.ts';
import { startBridgedServer, type BridgedServer } from '../../support/bridgedServer.ts';
import type { TestServer } from '../../support/server.ts';
import { uploadOverBrokenLink } from './tusClient.ts';

/** 8 by 8 pixels of gray, baseline. */
const JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/wAALCAAIAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AD//2Q==',
  'base64',
);
const pngOf = (gray: number): Buffer =>
  Buffer.from(encodePng({ width: 8, height: 8, channels: 1, bytes: new Uint8Array(64).fill(gray) }));

let bridged: BridgedServer;
let server: TestServer;
let people: People;
/** Of Patient/ann. */
let order: ServiceRequest;
/** Sees ann alone, and may create studies. */
let paramedic: string;
let reader: string;
beforeAll(async () => {
  bridged = await startBridgedServer();
  server = bridged.server;
  people = new People(server);
  await people.prepare();
  await people.put({ resourceType: 'Patient', id: 'ann', name: [{ text: 'Ann, found without papers' }] });
  await people.put({ resourceType: 'Patient', id: 'ben', name: [{ family: 'Test' }] });
  const made = await server
    .api()
    .post('/ServiceRequest')
    .send(orderOf({ resourceType: 'Patient', id: 'ann' }));
  order = made.body as ServiceRequest;
  await people.put({ resourceType: 'Practitioner', id: 'one' });
  const ofAnn = { resourceType: 'Patient', criteria: 'Patient?_id=ann' };
  await people.policy('paramedic', [
    { resourceType: 'ImagingStudy', criteria: 'ImagingStudy?subject=Patient/ann' },
    { resourceType: 'ServiceRequest', criteria: 'ServiceRequest?subject=Patient/ann' },
    ofAnn,
  ]);
  await people.policy('reader', [{ resourceType: 'ImagingStudy', interaction: ['read', 'search'] }, ofAnn]);
  const signedIn = async (policy: string) =>
    people.authorization(await people.person(policy, { profile: 'Practitioner/one', policies: [policy] }));
  [paramedic, reader] = [await signedIn('paramedic'), await signedIn('reader')];
  await bridged.openBridge();
});
afterAll(() => bridged.stop());

const file = (bytes: Buffer) => ({
  name: 'file',
  valueAttachment: { contentType: 'application/octet-stream', data: bytes.toString('base64') },
});
const ofAnn = { name: 'patient', valueReference: { reference: 'Patient/ann' } };
const ofOrder = () => ({ name: 'order', valueReference: { reference: `ServiceRequest/${order.id}` } });

interface Answer extends Pick<Parameters, 'parameter'> {
  resourceType: 'Parameters' | 'OperationOutcome';
}

async function upload(parameter: object[], authorization = server.authorization) {
  const response = await fetch(`${server.url}/fhir/R4/ImagingStudy/$upload`, {
    method: 'POST',
    headers: { Authorization: authorization, 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
  });
  return { status: response.status, body: (await response.json()) as Answer };
}

const studyIn = ({ parameter = [] }: Answer): string =>
  parameter.find(({ name }) => name === 'study')!.valueReference!.reference!;
const storedIn = ({ parameter = [] }: Answer) =>
  parameter.flatMap(({ name, part }) => (name === 'file' ? [part![0]!.valueBoolean] : []));
const studyWith = (reference: string, instances: number) =>
  until(
    async () => (await server.api().get(`/${reference}`)).body as ImagingStudy,
    ({ numberOfInstances }) => numberOfInstances === instances,
  );
const studies = async () =>
  ((await server.api().get('/ImagingStudy?_summary=count')).body as { total: number }).total;

describe('an object, a JPEG and a PNG file in one body', () => {
  test('are stored, and the pictures recorded as of the patient and the order', async () => {
    const { file: dicom, object } = xray({ patientId: 'NOBODY' });
    const { status, body } = await upload([ofOrder(), file(dicom), file(JPEG), file(pngOf(1))]);
    expect([status, storedIn(body)]).toEqual([200, [true, true, true]]);
    const study = await studyWith(studyIn(body), 2);
    expect(study).toMatchObject({
      subject: { reference: 'Patient/ann' },
      basedOn: [{ reference: `ServiceRequest/${order.id}` }],
      identifier: expect.arrayContaining([
        order.identifier!.find(({ system }) => system === 'urn:dicom:uid'),
      ]),
      modality: [{ code: 'OT' }],
    });
    const uid = study.identifier![0]!.value!.replace('urn:oid:', '');
    const rendered = await fetch(`${server.url}/dicomweb/studies/${uid}/rendered`, {
      headers: { Authorization: server.authorization },
    });
    expect(rendered.status).toBe(200);
    await rendered.arrayBuffer();
    const itself = `identifier=urn:dicom:uid|urn:oid:${object.studyInstanceUid}`;
    const found = await until(
      async () => ((await server.api().get(`/ImagingStudy?${itself}`)).body as { entry?: [] }).entry ?? [],
      ({ length }) => length === 1,
    );
    expect(found).toMatchObject([{ resource: { subject: { identifier: { value: 'NOBODY' } } } }]); // as it says itself
  });

  test('are the same when they are sent again', async () => {
    const before = await studies();
    const again = await upload([ofAnn, file(JPEG), file(pngOf(2))], paramedic);
    const reference = studyIn(again.body);
    await studyWith(reference, 2);
    const third = await upload([ofAnn, file(pngOf(2)), file(JPEG)], paramedic);
    expect([studyIn(third.body), storedIn(third.body)]).toEqual([reference, [true, true]]);
    expect([await studies(), (await studyWith(reference, 2)).subject.reference]).toEqual([
      before + 1,
      'Patient/ann',
    ]);
  });
});

describe('a file that comes in pieces (tus)', () => {
  const picture = pngOf(7);
  const ask = (
    at: string,
    method: string,
    headers: Record<string, string> = {},
    body?: Buffer,
    who = paramedic,
  ) =>
    fetch(at, {
      method,
      headers: { Authorization: who, 'Tus-Resumable': '1.0.0', ...headers },
      ...(body && { body: new Uint8Array(body) }),
    });
  const begun = async (length: number): Promise<string> => {
    const made = await ask(`${server.url}/dicomweb/uploads`, 'POST', { 'Upload-Length': String(length) });
    expect(made.status).toBe(201);
    return made.headers.get('location')!;
  };
  const send = (at: string, from: number, bytes: Buffer, type = 'application/offset+octet-stream') =>
    ask(at, 'PATCH', { 'Upload-Offset': String(from), 'Content-Type': type }, bytes);
  const uploaded = (url: string, who = paramedic) =>
    upload([ofAnn, { name: 'file', valueAttachment: { url } }], who);

  test('is stored when it is whole, and then forgotten', async () => {
    const url = await begun(picture.length);
    expect((await send(url, 0, picture.subarray(0, 20))).headers.get('upload-offset')).toBe('20');
    expect((await send(url, 0, picture)).status).toBe(409);
    expect((await uploaded(url)).status).toBe(409);
    const state = await ask(url, 'HEAD');
    expect([state.status, state.headers.get('upload-offset'), state.headers.get('upload-length')]).toEqual([
      200,
      '20',
      String(picture.length),
    ]);
    expect((await send(url, 20, picture.subarray(20))).status).toBe(204);
    expect((await uploaded(url, server.authorization)).status).toBe(404);
    const { status, body } = await uploaded(url);
    expect([status, storedIn(body)]).toEqual([200, [true]]);
    await studyWith(studyIn(body), 1);
    expect((await ask(url, 'HEAD')).status).toBe(404);
  });

  test('is sent by tus-js-client, though the link breaks, and a part that was given up is gone', async () => {
    const bytes = randomBytes(600 * 600);
    const large = Buffer.from(encodePng({ width: 600, height: 600, channels: 1, bytes }));
    const service = `${server.url}/dicomweb/uploads`;
    const { url, methods } = await uploadOverBrokenLink(service, paramedic, large);
    expect(methods.slice(0, 5)).toEqual(['POST', 'PATCH', 'PATCH', 'HEAD', 'PATCH']);
    const { status, body } = await uploaded(url);
    expect([status, storedIn(body)]).toEqual([200, [true]]);
    const other = await begun(picture.length);
    await Upload.terminate(other, { headers: { Authorization: paramedic } });
    expect((await ask(other, 'HEAD')).status).toBe(404);
  });

  test('is sent where no PATCH comes through', async () => {
    const url = await begun(picture.length);
    const piece = { 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' };
    const sent = await ask(url, 'POST', { ...piece, 'X-HTTP-Method-Override': 'PATCH' }, picture);
    expect([sent.status, sent.headers.get('upload-offset')]).toEqual([204, String(picture.length)]);
    expect((await ask(url, 'POST', { 'X-HTTP-Method-Override': 'GET' })).status).toBe(405);
    expect((await ask(url, 'POST', { 'X-HTTP-Method-Override': 'DELETE' })).status).toBe(204);
    expect((await ask(url, 'HEAD')).status).toBe(404);
  });

  test('is refused as the protocol says', async () => {
    const url = await begun(9);
    const collection = `${server.url}/dicomweb/uploads`;
    const options = await ask(collection, 'OPTIONS');
    expect([options.headers.get('tus-version'), options.headers.get('tus-extension')]).toEqual([
      '1.0.0',
      'creation,expiration,termination',
    ]);
    const answers = await Promise.all([
      ask(url, 'HEAD', { 'Tus-Resumable': '0.2.2' }),
      send(url, 0, picture, 'application/octet-stream'),
      ask(collection, 'POST', {}),
      ask(collection, 'POST', { 'Upload-Length': '9999999999' }),
      ask(collection, 'POST', { 'Upload-Length': '9' }, undefined, reader),
      ask(url, 'HEAD', {}, undefined, server.authorization),
      ask(`${collection}/..%2fconfig`, 'HEAD'),
      ask(collection, 'GET'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([412, 415, 400, 413, 403, 404, 404, 405]);
    expect(answers[0]!.headers.get('tus-version')).toBe('1.0.0');
    expect(answers.map(({ headers }) => headers.get('tus-resumable'))).toEqual(answers.map(() => '1.0.0'));
    expect((await send(url, 0, picture)).status).toBe(413);
    expect((await ask(url, 'DELETE')).status).toBe(204);
    expect((await ask(url, 'HEAD')).status).toBe(404);
  });
});

test('what is damaged is refused by itself', async () => {
  const { status, body } = await upload([ofAnn, file(pngOf(3)), file(pngOf(4).subarray(0, 40))]);
  expect([status, storedIn(body)]).toEqual([200, [true, false]]);
  expect(body.parameter!.at(-1)!.part!.at(-1)!.resource).toMatchObject({
    issue: [{ expression: ['Parameters.parameter[2].valueAttachment.data'] }],
  });
  await studyWith(studyIn(body), 1);
});

test.each<[string, number, () => object[]]>([
  ['a file of another kind', 422, () => [ofAnn, file(pngOf(5)), file(Buffer.from('GIF89a'))]],
  ['a large file of another kind', 422, () => [ofAnn, file(Buffer.alloc(45_000_000))]],
  ['nothing but damaged files', 422, () => [ofAnn, file(JPEG.subarray(0, 90))]],
  ['a picture of nobody', 400, () => [file(pngOf(5))]],
  ['no file', 400, () => [ofAnn]],
  [
    'bytes that are no base64',
    400,
    () => [ofAnn, { name: 'file', valueAttachment: { contentType: 'image/png', data: '%%%' } }],
  ],
  ['a file that is no Attachment', 400, () => [ofAnn, { name: 'file', valueString: 'AAAA' }]],
  [
    'a Patient who is not there',
    422,
    () => [{ name: 'patient', valueString: 'Patient/none' }, file(pngOf(5))],
  ],
  [
    'an order of another',
    422,
    () => [{ name: 'patient', valueString: 'Patient/ben' }, ofOrder(), file(pngOf(5))],
  ],
  ['a modality that is none', 400, () => [ofAnn, { name: 'modality', valueString: 'x-ray' }, file(pngOf(5))]],
  ['another parameter', 400, () => [ofAnn, { name: 'study', valueString: '1.2' }, file(pngOf(5))]],
])('%s is refused, and nothing is stored', async (_what, expected, parameters) => {
  const before = await studies();
  const { status, body } = await upload(parameters());
  expect([status, body.resourceType]).toEqual([expected, 'OperationOutcome']);
  expect(await studies()).toBe(before);
});

test('who may not create studies, or see the patient, stores nothing', async () => {
  const before = await studies();
  expect((await upload([ofAnn, file(pngOf(6))], reader)).status).toBe(403);
  const ben = { name: 'patient', valueString: 'Patient/ben' };
  expect((await upload([ben, file(pngOf(6))], paramedic)).status).toBe(422);
  expect(await studies()).toBe(before);
});
