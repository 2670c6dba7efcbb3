import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { FileArchive } from '../../src/archive/files/fileArchive.ts';
import type { ObjectFiles } from '../../src/archive/objectFiles.ts';
import { ArchiveAwayError } from '../../src/archive/imageArchive.ts';
import { Renderer } from '../../src/rendering/renderer.ts';
import { MemoryRoom } from '../../src/retrieve/memoryRoom.ts';
import { ObjectReader } from '../../src/retrieve/objectReader.ts';
import { Retrieval } from '../../src/retrieve/retrieval.ts';
import { InternalApi } from '../../src/web/internalApi.ts';
import { objectRoutes } from '../../src/web/objectRoutes.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { encodeElements, fileOf } from '../support/dicomObject.ts';
import { encapsulated, imageDataSet, ramp } from '../support/image.ts';
import { decodePng } from '../support/picture.ts';
import { suiteFolder } from '../support/storedFile.ts';

const folder = suiteFolder();
const SECRET = 'of-this-test';
const RAMP = ramp(64 * 64);
const [IMAGE, TWO_FRAMES, REPORT, BROKEN, MPEG, UNKNOWN, AWAY] = [
  '1.2.1',
  '1.2.2',
  '1.2.3',
  '1.2.4',
  '1.2.5',
  '1.2.6',
  '1.2.7',
] as const;

const archive = new FileArchive(path.join(folder, 'archive'));
const files: ObjectFiles = {
  open: (uid) => (uid === AWAY ? Promise.reject(new ArchiveAwayError('It is away.')) : archive.open(uid)),
};
const renderer = new Renderer();
/** For two of the large frames, before and after decoding. */
const ROOM_BYTES = 8 * 1024 * 1024;
const room = new MemoryRoom(ROOM_BYTES);
let api: InternalApi;

async function keep(sopInstanceUid: string, file: Buffer | string): Promise<void> {
  const at = typeof file === 'string' ? file : path.join(folder, `${sopInstanceUid}.dcm`);
  if (typeof file !== 'string') writeFileSync(at, file);
  await archive.store({
    sopInstanceUid,
    studyInstanceUid: '1.2',
    seriesInstanceUid: '1.2',
    sha256: '',
    path: at,
  });
}

beforeAll(async () => {
  await keep(IMAGE, fileOf(imageDataSet({ others: [[0x0009, 0x1001, 'OB', Buffer.alloc(600_000, 5)]] })));
  await keep(
    TWO_FRAMES,
    fileOf(imageDataSet({ rows: 1, columns: 2, frames: 2, pixels: Buffer.from([1, 0, 2, 0, 3, 0, 4, 0]) })),
  );
  await keep(REPORT, fileOf(encodeElements([[0x0008, 0x0060, 'CS', 'SR']])));
  await keep(BROKEN, Buffer.concat([fileOf(Buffer.alloc(0)), Buffer.from('junk junk junk')]));
  await keep(MPEG, fileOf(encapsulated(imageDataSet(), [Buffer.alloc(20)]), '1.2.840.10008.1.2.4.100'));
  const retrieval = new Retrieval(new ObjectReader(files), renderer);
  api = await InternalApi.listen({
    host: '127.0.0.1',
    port: 0,
    secret: SECRET,
    routes: [objectRoutes(retrieval, room)],
    log: () => undefined,
  });
});
afterAll(async () => {
  await api.close();
  await renderer.close();
});

const ask = (at: string): Promise<Response> =>
  fetch(`${api.url}/objects/${at}`, { headers: { authorization: `Bearer ${SECRET}` } });
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe('objects by the internal API', () => {
  test('metadata', async () => {
    const response = await ask(`${IMAGE}/metadata`);
    expect(response.headers.get('content-type')).toBe('application/dicom+json');
    expect(await response.json()).toMatchObject({
      '00280010': { vr: 'US', Value: [64] },
      '7FE00010': { vr: 'OW', BulkDataURI: 'frames' },
      '00091001': { vr: 'OB', BulkDataURI: 'bulk/00091001' },
    });
  });

  test('a few elements', async () => {
    const response = await ask(`${IMAGE}/metadata?tags=00280010,00081030`);
    expect(await response.json()).toEqual({
      '00083002': expect.anything(),
      '00280010': { vr: 'US', Value: [64] },
    });
  });

  test('bulk data', async () => {
    const response = await ask(`${IMAGE}/bulk/00091001`);
    expect(response.headers.get('content-length')).toBe('600000');
    expect((await bytesOf(response)).equals(Buffer.alloc(600_000, 5))).toBe(true);
  });

  test('frames', async () => {
    const response = await ask(`${TWO_FRAMES}/frames/2?accept=1.2.840.10008.1.2.4.50,1.2.840.10008.1.2.1`);
    expect(response.headers.get('content-type')).toBe(
      'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1',
    );
    expect(await bytesOf(response)).toEqual(Buffer.from([3, 0, 4, 0]));
  });

  test('a large frame in pieces, and none that is to be decoded while others have the memory', async () => {
    const [uid, pixels] = ['1.2.10', ramp(1024 * 1024)];
    await keep(uid, fileOf(imageDataSet({ rows: 1024, columns: 1024, pixels })));
    const full = room.lease();
    full.take(ROOM_BYTES);
    expect((await bytesOf(await ask(`${uid}/frames/1`))).equals(pixels)).toBe(true);
    const refused = await ask(`${uid}/rendered`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    full.release();
    for (let time = 0; time < 3; time += 1) {
      const rendered = await ask(`${uid}/rendered`);
      expect(rendered.status).toBe(200);
      await bytesOf(rendered);
    }
  });

  testWithDcmtk('frames in the syntax that they are in, or decompressed', async () => {
    const uid = '1.2.9';
    const [plain, other] = [path.join(folder, 'plain.dcm'), path.join(folder, 'other.dcm')];
    writeFileSync(plain, fileOf(imageDataSet()));
    expect(await dcmtk('dcmcjpls', [plain, other])).toMatchObject({ code: 0 });
    await keep(uid, other);
    for (const accept of ['', '?accept=*', '?accept=1.2.840.10008.1.2.1,1.2.840.10008.1.2.4.80']) {
      const asItIs = await ask(`${uid}/frames/1${accept}`);
      expect(asItIs.headers.get('content-type')).toBe('image/jls; transfer-syntax=1.2.840.10008.1.2.4.80');
      expect((await bytesOf(asItIs)).readUInt16BE(0)).toBe(0xffd8);
    }
    const decompressed = await ask(`${uid}/frames/1?accept=1.2.840.10008.1.2.1`);
    expect(decompressed.headers.get('content-type')).toBe(
      'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1',
    );
    expect((await bytesOf(decompressed)).equals(RAMP)).toBe(true);
  });

  test('pictures', async () => {
    const png = await ask(`${IMAGE}/rendered?format=image/png&viewport=16,99&window=2048,4096,linear`);
    expect(png.headers.get('content-type')).toBe('image/png');
    expect(decodePng(await bytesOf(png))).toMatchObject({ width: 16, height: 16 });
    const jpeg = await ask(`${IMAGE}/rendered?quality=50`);
    expect(jpeg.headers.get('content-type')).toBe('image/jpeg');
    expect((await bytesOf(jpeg)).readUInt16BE(0)).toBe(0xffd8);
    const second = await ask(`${TWO_FRAMES}/rendered?frame=2&format=image/png&window=3.5,1,linear-exact`);
    expect([...decodePng(await bytesOf(second)).bytes]).toEqual([0, 255]);
  });

  test.each([
    [404, `${UNKNOWN}/metadata`],
    [404, `${UNKNOWN}/frames/1`],
    [404, `${UNKNOWN}/rendered`],
    [404, `${UNKNOWN}/bulk/00091001`],
    [404, `${TWO_FRAMES}/frames/3`],
    [404, `${TWO_FRAMES}/rendered?frame=3`],
    [404, `${REPORT}/frames/1`],
    [404, `${IMAGE}/bulk/00091002`],
    [404, `${IMAGE}/bulk/..%2f..`],
    [404, `${IMAGE}/metadata/more`],
    [404, '..%2f..%2fetc/metadata'],
    [404, '1.02/metadata'],
    [400, `${TWO_FRAMES}/frames/0`],
    [400, `${TWO_FRAMES}/frames/1,2`],
    [400, `${TWO_FRAMES}/frames`],
    [400, `${IMAGE}/rendered?frame=x`],
    [400, `${IMAGE}/rendered?window=1,2`],
    [400, `${IMAGE}/rendered?window=1,0,linear`],
    [400, `${IMAGE}/rendered?window=1,0.5,linear`],
    [400, `${IMAGE}/rendered?window=,2,linear`],
    [400, `${IMAGE}/rendered?window=1,2,cubic`],
    [400, `${IMAGE}/rendered?viewport=0,10`],
    [400, `${IMAGE}/rendered?viewport=10`],
    [400, `${IMAGE}/rendered?viewport=1000000,10`],
    [400, `${IMAGE}/rendered?quality=101`],
    [406, `${IMAGE}/rendered?format=image/gif`],
    [406, `${REPORT}/rendered`],
    [406, `${IMAGE}/frames/1?accept=1.2.840.10008.1.2.4.50`],
    [406, `${MPEG}/frames/1?accept=1.2.840.10008.1.2.1`],
    [406, `${MPEG}/rendered`],
    [406, `${BROKEN}/metadata`],
    [503, `${AWAY}/metadata`],
    [503, `${AWAY}/rendered`],
  ])('%d for %s', async (status, at) => {
    const response = await ask(at);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/\S/) });
    if (status === 503) expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});
