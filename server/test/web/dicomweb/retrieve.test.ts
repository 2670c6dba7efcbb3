import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { get as httpGet, type IncomingMessage } from 'node:http';
import type { DicomJson } from '../../../src/imaging/dicomJson.ts';
import { until } from '../../audit/support.ts';
import { partsOf, received } from './parts.ts';
import { CHEST, HEAD, addObjects, openWorld, studyOf, type World } from './world.ts';

/** Of two sockets and the streams between them: far less than an object may have. */
const BUFFERED_BYTES_MAX = 50e6;
const JPEG_LOSSLESS = '1.2.840.10008.1.2.4.70';
const CHEST_INSTANCE = `/studies/${CHEST}/series/${CHEST}.1/instances/${CHEST}.1.1`;
const HEAD_INSTANCE = `/studies/${HEAD}/series/${HEAD}.1/instances/${HEAD}.1.1`;

let world: World;
beforeAll(async () => {
  world = await openWorld(`test_${randomUUID().replaceAll('-', '')}`);
  Object.assign(world.bridge.objects.get(`${CHEST}.1.1`)!, {
    frames: 3,
    syntax: JPEG_LOSSLESS,
    elements: { '00420011': { vr: 'OB', BulkDataURI: 'bulk/00420011' } },
  });
});
afterAll(() => world.stop());
beforeEach(() => void (world.bridge.asked.length = 0));

const get = (path: string, accept?: string) => {
  const asked = world.dicomweb().get(path).buffer(true).parse(received);
  return accept === undefined ? asked : asked.set('Accept', accept);
};
describe('objects', () => {
  test('of a study come in parts, each with its URL', async () => {
    const answer = await get(`/studies/${CHEST}`, 'multipart/related; type="application/dicom"').expect(200);
    expect(answer.headers['content-type']).toMatch(
      /^multipart\/related; type="application\/dicom"; boundary=\S+$/,
    );
    const url = `${world.server.url}/dicomweb/studies/${CHEST}/series`;
    expect(partsOf(answer)).toEqual([
      {
        headers: {
          'content-type': 'application/dicom',
          'content-length': '19',
          'content-location': `${url}/${CHEST}.1/instances/${CHEST}.1.1`,
        },
        body: `file of ${CHEST}.1.1`,
      },
      expect.objectContaining({ body: `file of ${CHEST}.1.2` }),
      expect.objectContaining({ body: `file of ${CHEST}.2.1` }),
    ]);
  });

  test('come alone where one is asked for so, and in parts by default', async () => {
    const alone = await get(CHEST_INSTANCE, 'application/dicom').expect(200);
    expect([alone.headers['content-type'], String(alone.body)]).toEqual([
      'application/dicom',
      `file of ${CHEST}.1.1`,
    ]);
    expect(partsOf(await get(CHEST_INSTANCE))).toHaveLength(1);
    expect(partsOf(await get(`/studies/${CHEST}/series/${CHEST}.2`))).toHaveLength(1);
    await get(CHEST_INSTANCE, 'text/plain').expect(406);
    await get(`${CHEST_INSTANCE}?accept=application/dicom`, 'text/plain').expect(200);
  });

  test('have headers alone for HEAD', async () => {
    const answer = await world.dicomweb().head(CHEST_INSTANCE).expect(200);
    expect(answer.headers['content-type']).toMatch(/^multipart\/related/);
  });
});

describe('metadata', () => {
  test('say who the patient is by the record, and point at this server', async () => {
    const answer = await get(`/studies/${CHEST}/metadata`, 'application/dicom+json').expect(200);
    expect(answer.headers['content-type']).toBe('application/dicom+json');
    const found = JSON.parse(String(answer.body)) as DicomJson[];
    expect(found.map((one) => one['00080018']?.Value?.[0])).toEqual([
      `${CHEST}.1.1`,
      `${CHEST}.1.2`,
      `${CHEST}.2.1`,
    ]);
    expect(found[0]).toMatchObject({
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Ann' }] },
      '00100020': { vr: 'LO', Value: ['MRN-1'] },
      '00420011': { BulkDataURI: `${world.server.url}/dicomweb${CHEST_INSTANCE}/bulkdata/00420011` },
      '7FE00010': { BulkDataURI: `${world.server.url}/dicomweb${CHEST_INSTANCE}/frames` },
    });
    expect(String(answer.body)).not.toMatch(/Scanned|SCANNED/);
  });

  test('are compressed where that is accepted', async () => {
    const headers = { authorization: world.server.authorization, 'Accept-Encoding': 'gzip' };
    const answer = await fetch(`${world.server.url}/dicomweb/studies/${CHEST}/metadata`, { headers });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(await answer.json()).toHaveLength(3);
  });

  test('follow no header that says where the server is', async () => {
    const answer = await get(`${CHEST_INSTANCE}/metadata`)
      .set('Forwarded', 'host=evil.example;proto=https')
      .set('X-Forwarded-Host', 'evil.example')
      .expect(200);
    expect(String(answer.body)).not.toContain('evil.example');
    await get(`${CHEST_INSTANCE}/metadata`).set('Host', 'evil.example').expect(403);
  });
});

describe('frames and bulk data', () => {
  test('come in parts, in the order of the URL', async () => {
    const accept = 'multipart/related; type=application/octet-stream; transfer-syntax=*';
    const answer = await get(`${CHEST_INSTANCE}/frames/3,1`, accept).expect(200);
    const type = `application/octet-stream; transfer-syntax=${JPEG_LOSSLESS}`;
    expect(partsOf(answer)).toMatchObject([
      { headers: { 'content-type': type }, body: `frame 3 of ${CHEST}.1.1` },
      { headers: { 'content-type': type }, body: `frame 1 of ${CHEST}.1.1` },
    ]);
    expect(partsOf(await get(`${CHEST_INSTANCE}/frames`, accept))).toHaveLength(3);
  });

  test('are told one by one, whatever the object says of how many it has', async () => {
    const object = world.bridge.objects.get(`${HEAD}.1.1`)!;
    const accept = 'multipart/related; type="application/octet-stream"';
    object.elements = { '00280008': { vr: 'IS', Value: ['none'] } };
    expect(partsOf(await get(`${HEAD_INSTANCE}/frames`, accept))).toHaveLength(1);
    object.elements = { '00280008': { vr: 'IS', Value: [2 ** 40] } };
    const headers = { authorization: world.server.authorization, accept };
    const answer = await fetch(`${world.server.url}/dicomweb${HEAD_INSTANCE}/frames`, { headers });
    delete object.elements;
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow(); // it has no second one
  });

  test('come alone, as what they are, as anything if need be', async () => {
    const alone = await get(`${HEAD_INSTANCE}/frames/1`, 'application/octet-stream').expect(200);
    expect(String(alone.body)).toBe(`frame 1 of ${HEAD}.1.1`);
    expect(alone.headers['content-type']).toBe(
      'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1',
    );
    const jpeg = await get(`${CHEST_INSTANCE}/frames/1`, 'image/jpeg').expect(200);
    expect(jpeg.headers['content-type']).toBe(`image/jpeg; transfer-syntax=${JPEG_LOSSLESS}`);
    expect(partsOf(await get(`${CHEST_INSTANCE}/frames/1`, '*/*'))).toHaveLength(1);
  });

  test.each([
    ['/frames/4', 'application/octet-stream; transfer-syntax=*', 404],
    ['/frames/1', 'application/octet-stream', 406],
    ['/frames/1', 'image/jls', 406],
    ['/frames/0', '*/*', 400],
    ['/bulkdata/..%2Fx', '*/*', 404],
    ['/bulkdata/00420011', 'image/png', 406],
  ])('%s as %s is %i', async (path, accept, status) => {
    await get(`${CHEST_INSTANCE}${path}`, accept).expect(status);
  });

  test('values are read from where the metadata point', async () => {
    expect(partsOf(await get(`${CHEST_INSTANCE}/bulkdata/00420011`))).toMatchObject([
      { body: `00420011 of ${CHEST}.1.1` },
    ]);
    const alone = await get(`${CHEST_INSTANCE}/bulkdata/0040A730/0/00420011`, 'application/octet-stream');
    expect(String(alone.body)).toBe(`0040A730/0/00420011 of ${CHEST}.1.1`);
  });
});

describe('pictures', () => {
  test('are rendered as they are asked for', async () => {
    const answer = await get(
      `${CHEST_INSTANCE}/frames/2/rendered?window=40,400,LINEAR&viewport=512,256&quality=80`,
      'image/png',
    );
    expect(answer.headers['content-type']).toBe('image/png');
    const asked = new URLSearchParams(String(answer.body).split(' ').at(-1));
    expect(Object.fromEntries(asked)).toEqual({
      ...{ format: 'image/png', frame: '2', window: '40,400,linear', viewport: '512,256', quality: '80' },
    });
  });

  test('several come in parts', async () => {
    expect(partsOf(await get(`${CHEST_INSTANCE}/frames/1,2/rendered`, 'image/jpeg'))).toHaveLength(2);
    expect(partsOf(await get(`/studies/${CHEST}/series/${CHEST}.1/rendered`))).toHaveLength(2);
  });

  test('small ones stand for a study, where its first instance is no image too', async () => {
    world.bridge.objects.get(`${CHEST}.1.1`)!.isText = true;
    const answer = await get(`/studies/${CHEST}/thumbnail`).expect(200);
    expect(String(answer.body)).toMatch(new RegExp(`^picture of ${CHEST}.1.2 .*viewport=256%2C256`));
    await get(`${CHEST_INSTANCE}/thumbnail`).expect(406);
    delete world.bridge.objects.get(`${CHEST}.1.1`)!.isText;
  });

  test.each([
    'window=1',
    'window=a,1',
    'window=1,0',
    'window=1,2,cubic',
    'viewport=0,1',
    'viewport=99999,1',
    'viewport=1,1,0,0,1,1',
    'quality=0',
    'quality=x',
  ])('by %s are refused', async (query) => {
    await get(`${CHEST_INSTANCE}/rendered?${query}`).expect(400);
    expect(world.bridge.asked).toEqual([]);
  });
});

describe('a bridge', () => {
  test('that is away is said, with when to ask again', async () => {
    world.bridge.isAway = true;
    const answer = await get(`/studies/${CHEST}`).expect(503);
    expect(answer.headers['retry-after']).toBe('7');
    world.bridge.isAway = false;
    await world.dicomweb().get('/studies').expect(200);
  });

  test('that has lost an object: an answer that is begun ends before it is whole', async () => {
    const lost = world.bridge.objects.get(`${CHEST}.2.1`)!;
    world.bridge.objects.delete(`${CHEST}.2.1`);
    await get(`/studies/${CHEST}/series/${CHEST}.2`).expect(404);
    const headers = { authorization: world.server.authorization };
    const answer = await fetch(`${world.server.url}/dicomweb/studies/${CHEST}`, { headers });
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    world.bridge.objects.set(`${CHEST}.2.1`, lost);
  });

  test('is not asked for more than the client takes, and is told when he leaves', async () => {
    const { bridge } = world;
    bridge.objects.get(`${CHEST}.2.1`)!.isEndless = true;
    const client = await opened(`/studies/${CHEST}`);
    // It has sent what fits into all buffers between it and the client, who reads nothing.
    let before = -1;
    await until(() => {
      const { socket, writableNeedDrain } = bridge.endless ?? {};
      const isHeld = writableNeedDrain === true && socket?.bytesWritten === before;
      before = socket?.bytesWritten ?? -1;
      return isHeld;
    }, 'the bridge is held back');
    expect(bridge.endless!.socket!.bytesWritten).toBeLessThan(BUFFERED_BYTES_MAX);
    client.destroy();
    await until(() => bridge.endless === undefined, 'the bridge is told that nobody reads');
    delete bridge.objects.get(`${CHEST}.2.1`)!.isEndless;
    await get(`/studies/${CHEST}`).expect(200);
  });

  test('may have images of a study that is written later', async () => {
    const late = studyOf('late', '1.2.3.88', { reference: 'Patient/ann' });
    await get('/studies/1.2.3.88').expect(404);
    await world.people.put(late);
    addObjects(world.bridge, late);
    await get('/studies/1.2.3.88').expect(200);
  });
});

/** An answer that nobody reads. */
function opened(at: string): Promise<IncomingMessage> {
  const headers = { authorization: world.server.authorization };
  return new Promise((resolve, reject) => {
    httpGet(`${world.server.url}/dicomweb${at}`, { headers }, resolve).once('error', reject);
  });
}
