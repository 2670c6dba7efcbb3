import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Endpoint, ImagingStudy } from '@medplum/fhirtypes';
import { newUid } from '../../../../dicom-bridge/src/identifiers/uid.ts';
import { until } from '../../../../dicom-bridge/test/support/bridge.ts';
import { xray, type TestObject } from '../../../../dicom-bridge/test/support/dicomObject.ts';
import type { DicomJson } from '../../../src/imaging/dicomJson.ts';
import { startBridgedServer, type BridgedServer } from '../../support/bridgedServer.ts';
import type { TestServer } from '../../support/server.ts';
import { People } from '../../support/people.ts';
import { partsOf } from './parts.ts';

const BOUNDARY = 'b0und';
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const ann = { patientId: 'P1', patientName: 'Test^Ann' };

let bridged: BridgedServer;
let server: TestServer;
beforeAll(async () => {
  bridged = await startBridgedServer();
  server = bridged.server;
  await new People(server).put({
    resourceType: 'Patient',
    id: 'ann',
    identifier: [{ type: { coding: [{ code: 'MR' }] }, value: 'P1' }],
    name: [{ family: 'Test', given: ['Ann', 'Maria'] }],
  });
  await bridged.openBridge();
});
afterAll(() => bridged.stop());

const ask = (at: string, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers(init.headers);
  headers.set('Authorization', server.authorization);
  return fetch(`${server.url}/dicomweb${at}`, { ...init, headers });
};
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

async function store(at: string, ...files: Buffer[]): Promise<{ status: number; body: DicomJson }> {
  const parts = files.flatMap((file) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`),
    file,
    Buffer.from('\r\n'),
  ]);
  const answer = await ask(at, {
    method: 'POST',
    headers: { 'Content-Type': `multipart/related; type="application/dicom"; boundary=${BOUNDARY}` },
    body: Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--`)]),
  });
  return { status: answer.status, body: (await answer.json()) as DicomJson };
}

const instancesOf = async (study: string): Promise<number> => {
  const answer = await ask(`/studies/${study}/instances`);
  return answer.status === 204 ? 0 : ((await answer.json()) as unknown[]).length;
};
const urlOf = ({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: TestObject) =>
  `/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
const reasonIn = (body: DicomJson) =>
  (body['00081198']?.Value?.[0] as DicomJson | undefined)?.['00081197']?.Value?.[0];

describe('an image that is sent to a real bridge', () => {
  const { object, file } = xray({ ...ann, fill: 7 });

  test('is stored, recorded, found, and seen', async () => {
    const { status, body } = await store('/studies', file);
    expect([status, body['00081199']?.Value?.length]).toEqual([200, 1]);
    await until(
      () => instancesOf(object.studyInstanceUid),
      (count) => count === 1,
    );
    const [metadata] = (await (await ask(`${urlOf(object)}/metadata`)).json()) as DicomJson[];
    expect(metadata).toMatchObject({
      '00080018': { Value: [object.sopInstanceUid] },
      '00100010': { Value: [{ Alphabetic: 'Test^Ann^Maria' }] }, // as the record has it
      '00280010': { vr: 'US', Value: [64] },
      '7FE00010': { vr: 'OW', BulkDataURI: `${server.url}/dicomweb${urlOf(object)}/frames` },
    });
  });

  test('says where it is fetched', async () => {
    const query = `/ImagingStudy?identifier=urn:dicom:uid|urn:oid:${object.studyInstanceUid}&_include=ImagingStudy:endpoint`;
    const { entry } = (await server.api().get(query)).body as Bundle<ImagingStudy | Endpoint>;
    const address = entry!.flatMap(({ resource }) =>
      resource?.resourceType === 'Endpoint' ? [resource.address] : [],
    );
    expect(address).toEqual([`${server.url}/dicomweb`]);
    const answer = await fetch(`${address[0]}/studies/${object.studyInstanceUid}/metadata`, {
      headers: { Authorization: server.authorization },
    });
    expect([answer.status, ((await answer.json()) as DicomJson[]).length]).toEqual([200, 1]);
  });

  test('comes back as it was, whole and as pixels', async () => {
    const whole = await ask(urlOf(object), { headers: { Accept: 'application/dicom' } });
    expect(whole.headers.get('content-type')).toBe('application/dicom; transfer-syntax=1.2.840.10008.1.2.1');
    const { dataSet } = xray({ ...object });
    expect((await bytesOf(whole)).subarray(-dataSet.length).equals(dataSet)).toBe(true);
    const pixels = Buffer.alloc(64 * 64 * 2, 7);
    const frame = await ask(`${urlOf(object)}/frames/1`, { headers: { Accept: 'application/octet-stream' } });
    expect((await bytesOf(frame)).equals(pixels)).toBe(true);
    const uri = await ask(`${urlOf(object)}/frames`);
    const headers = { 'content-type': uri.headers.get('content-type')! };
    const [part] = partsOf({ headers, body: (await bytesOf(uri)).toString('latin1') } as never);
    expect(Buffer.from(part!.body, 'latin1').equals(pixels)).toBe(true);
    const syntax = '1.2.840.10008.1.2.4.70';
    const jpeg = await ask(urlOf(object), {
      headers: { Accept: `application/dicom; transfer-syntax=${syntax}` },
    });
    expect(jpeg.status).toBe(406);
  });

  test('is rendered', async () => {
    const png = await ask(`${urlOf(object)}/rendered?viewport=32,32`, { headers: { Accept: 'image/png' } });
    expect(png.headers.get('content-type')).toBe('image/png');
    expect((await bytesOf(png)).subarray(0, PNG.length).equals(PNG)).toBe(true);
    const thumbnail = await ask(`/studies/${object.studyInstanceUid}/thumbnail`);
    expect(thumbnail.headers.get('content-type')).toBe('image/jpeg');
  });

  test('may be sent again, and no other one under its UID', async () => {
    expect((await store('/studies', file)).status).toBe(200);
    const other = await store('/studies', xray({ ...object, fill: 8 }).file);
    expect([other.status, reasonIn(other.body)]).toEqual([409, 0x0111]);
  });
});

test('an image of another study than the URL names is not stored', async () => {
  const { object, file } = xray(ann);
  const { status, body } = await store(`/studies/${newUid()}`, file);
  expect([status, reasonIn(body)]).toEqual([409, 0xa900]);
  const right = await store(`/studies/${object.studyInstanceUid}`, file);
  expect(right.status).toBe(200);
  await until(
    () => instancesOf(object.studyInstanceUid),
    (count) => count === 1,
  );
});

test('what is no image is said of that part, and the others are stored', async () => {
  const { object, file } = xray(ann);
  const { status, body } = await store('/studies', Buffer.from('no image'), file);
  expect([status, reasonIn(body)]).toEqual([202, 0xc000]);
  await until(
    () => instancesOf(object.studyInstanceUid),
    (count) => count === 1,
  );
});

test('an image of somebody whom nobody knows is recorded, and shown to nobody', async () => {
  const { object, file } = xray({ patientId: 'NOBODY' });
  expect((await store('/studies', file)).status).toBe(200);
  const query = `identifier=urn:dicom:uid|urn:oid:${object.studyInstanceUid}`;
  await until(
    async () =>
      ((await server.api().get(`/ImagingStudy?${query}`)).body as { total?: number; entry?: unknown[] }).entry
        ?.length,
    (count) => count === 1,
  );
  expect(await instancesOf(object.studyInstanceUid)).toBe(0);
  for (const at of ['', '/metadata', '/rendered'])
    expect((await ask(`/studies/${object.studyInstanceUid}${at}`)).status).toBe(404);
});
