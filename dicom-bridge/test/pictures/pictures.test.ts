import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { DCIODVFY, isInstalled } from '../../../scripts/services/dicom3tools.mjs';
import { newUid } from '../../src/identifiers/uid.ts';
import { encodePng } from '../../src/rendering/png.ts';
import { archivedFile } from '../support/archived.ts';
import { openTestClinic, type TestClinic } from '../support/clinic.ts';
import { dcmtk } from '../support/dcmtk.ts';
import { xray } from '../support/dicomObject.ts';
import { placeOrder } from '../support/orders.ts';
import { decodePnm, difference } from '../support/picture.ts';
import { pngOf } from '../support/pngOf.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-pictures-'));
const WIDTH = 40;
const HEIGHT = 24;
const colours = Uint8Array.from(
  { length: WIDTH * HEIGHT * 3 },
  (_, at) => (at % 3) * 80 + Math.floor(at / 144) * 3,
);
const png = Buffer.from(encodePng({ width: WIDTH, height: HEIGHT, channels: 3, bytes: colours }));

let clinic: TestClinic;
let placed: Awaited<ReturnType<typeof placeOrder>>;
beforeAll(async () => {
  clinic = await openTestClinic();
  placed = await placeOrder(clinic.medplum, 'P1');
});
afterAll(async () => {
  await clinic.stop();
  rmSync(folder, { recursive: true });
});

interface Answer {
  status: number;
  sopInstanceUid: string;
  error?: string;
}

async function send(
  file: Buffer,
  query: Record<string, string> = {},
): Promise<{ code: number; body: Answer }> {
  const { patient, order, uid } = placed;
  const all = { patient: patient.id!, order: order.id!, study: uid, modality: 'OT', number: '1', ...query };
  const response = await clinic.bridge.ask(`/pictures?${new URLSearchParams(all)}`, {
    method: 'POST',
    headers: { 'X-Source': 'UPLOAD' },
    body: new Uint8Array(file),
  });
  return { code: response.status, body: (await response.json()) as Answer };
}

const stored = ({ sopInstanceUid }: Answer): Promise<string> =>
  archivedFile(clinic.bridge, sopInstanceUid, folder);

/** What dcmtk shows of an object. */
function shown(file: string) {
  execFileSync('dcmj2pnm', ['+op', file, `${file}.pnm`]);
  return decodePnm(readFileSync(`${file}.pnm`));
}

/** A JPEG file as dcmtk makes it. @param how its option */
async function jpegOf(how: string): Promise<Buffer> {
  const [plain, jpeg] = [path.join(folder, 'plain.dcm'), path.join(folder, 'jpeg.dcm')];
  const { body } = await send(png, { study: newUid(), order: placed.order.id! });
  writeFileSync(plain, readFileSync(await stored(body)));
  expect(await dcmtk('dcmcjpeg', [how, '+q', '95', plain, jpeg])).toMatchObject({ code: 0 });
  const bytes = readFileSync(jpeg);
  const from = bytes.indexOf(Buffer.from('ffd8ff', 'hex'));
  return bytes.subarray(from, bytes.lastIndexOf(Buffer.from('ffd9', 'hex')) + 2);
}

const withExif = (jpeg: Buffer, orientation: number): Buffer => {
  const tiff = Buffer.from(`4d4d002a00000008000101120003000000010000000000000000`, 'hex');
  tiff.writeUInt16BE(orientation, 18);
  const content = Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, content.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2), Buffer.from('a film')]);
};

const validated = isInstalled() ? test : test.skip;

describe('a PNG file', () => {
  validated('becomes a valid object of patient and order, with its very pixels', async () => {
    const { code, body } = await send(png);
    expect([code, body.status]).toEqual([200, 0]);
    const file = await stored(body);
    const { stderr, status } = spawnSync(DCIODVFY, [file], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.startsWith('Error'))).toEqual([]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('SCImage')]);
    const { output } = await dcmtk('dcmdump', ['+U8', file]);
    for (const value of ['Müller^Ann^Eva^Dr.', '[P1]', `[${placed.accession}]`, '[19800203]', placed.uid])
      expect(output).toContain(value);
    const picture = { width: WIDTH, height: HEIGHT, channels: 3, bytes: Buffer.from(colours) };
    expect(difference(shown(file), picture)).toBe(0);
  });

  test('is one object however often, and at once, it is sent', async () => {
    const other = Buffer.from(
      encodePng({ width: 8, height: 8, channels: 1, bytes: new Uint8Array(64).fill(9) }),
    );
    const [first, second] = await Promise.all([send(other), send(other)]);
    const third = await send(other);
    expect([first, second, third].map(({ body }) => [body.status, body.sopInstanceUid])).toEqual(
      Array.from({ length: 3 }, () => [0, first.body.sopInstanceUid]),
    );
  });

  test('of 16 bits of gray keeps them, and other kinds are made eight bits', async () => {
    const deep = Buffer.from([0x12, 0x34, 0xab, 0xcd]); // two pixels, big endian
    const { body } = await send(pngOf({ width: 2, height: 1, bitDepth: 16, colourType: 0 }, deep));
    expect(readFileSync(await stored(body)).subarray(-4)).toEqual(Buffer.from([0x34, 0x12, 0xcd, 0xab]));
    const palette = Buffer.from([1, 2, 3, 250, 251, 252]);
    const few = pngOf(
      { width: 3, height: 1, bitDepth: 1, colourType: 3 },
      Buffer.from([0b0110_0000]),
      palette,
    );
    const numbered = readFileSync(await stored((await send(few)).body));
    expect([...numbered.subarray(-10, -1)]).toEqual([1, 2, 3, 250, 251, 252, 250, 251, 252]);
    const clear = pngOf(
      { width: 1, height: 2, bitDepth: 8, colourType: 6 },
      Buffer.from([5, 6, 7, 0, 8, 9, 10, 255]),
    );
    expect([...readFileSync(await stored((await send(clear)).body)).subarray(-6)]).toEqual([
      5, 6, 7, 8, 9, 10,
    ]);
  });
});

describe('a JPEG file', () => {
  validated('that is baseline is kept as it came, without what cameras add', async () => {
    const jpeg = await jpegOf('+eb');
    const { body } = await send(withExif(jpeg, 1));
    const file = await stored(body);
    expect(readFileSync(file).includes(jpeg)).toBe(true);
    expect(readFileSync(file).includes('Exif')).toBe(false);
    const { stderr, status } = spawnSync(DCIODVFY, [file], { encoding: 'utf8' });
    expect([status, stderr.split('\n').filter((line) => line.startsWith('Error'))]).toEqual([0, []]);
    expect(difference(shown(file), shown(path.join(folder, 'jpeg.dcm')))).toBe(0);
  });

  validated('that is progressive, or was held on its side, is decoded', async () => {
    const progressive = await stored((await send(await jpegOf('+ep'))).body);
    const right = { width: WIDTH, height: HEIGHT, channels: 3, bytes: Buffer.from(colours) };
    expect(difference(shown(progressive), right)).toBeLessThan(24);
    const turned = await stored((await send(withExif(await jpegOf('+eb'), 6))).body);
    const { width, height } = shown(turned);
    expect([width, height]).toEqual([HEIGHT, WIDTH]);
    const { stderr, status } = spawnSync(DCIODVFY, [turned], { encoding: 'utf8' });
    expect([status, stderr.split('\n').filter((line) => line.startsWith('Error'))]).toEqual([0, []]);
  });
});

const objectsCount = async (): Promise<number> =>
  Object.values((await clinic.bridge.status()).objects).reduce((sum, count) => sum + count, 0);
const damaged = Buffer.from(png);
damaged[60]! ^= 1;
const huge = pngOf({ width: 60_000, height: 60_000, bitDepth: 8, colourType: 0 }, Buffer.alloc(1));
const short = pngOf({ width: 9, height: 9, bitDepth: 8, colourType: 0 }, Buffer.alloc(9));
const bomb = pngOf({ width: 9, height: 1, bitDepth: 8, colourType: 0 }, deflateSync(Buffer.alloc(1_000_000)));
test.each<[string, Buffer]>([
  ['no picture', Buffer.from('GIF89a')],
  ['nothing', Buffer.alloc(0)],
  ['an object', xray().file],
  ['half a PNG file', png.subarray(0, 80)],
  ['a PNG file with a wrong byte', damaged],
  ['more pixels than are taken', huge],
  ['fewer pixels than it tells', short],
  ['more pixels than it tells', bomb],
  ['the beginning of a JPEG file', Buffer.from('ffd8ffe000104a464946', 'hex')],
  ['a JPEG file without an image', Buffer.from('ffd8ffd9', 'hex')],
])('%s is refused, with why', async (_what, file) => {
  const before = await objectsCount();
  const { code, body } = await send(file);
  expect([code, body]).toEqual([400, { error: expect.stringMatching(/\.$/) }]);
  expect(await objectsCount()).toBe(before);
});

test.each<[string, Record<string, string>]>([
  ['a patient that is no id', { patient: '../1' }],
  ['a patient whom nobody knows', { patient: 'nobody' }],
  ['a study that is no UID', { study: '1.2/3' }],
  ['a modality that is none', { modality: 'x-ray' }],
])('%s is refused', async (_what, query) => {
  expect((await send(png, query)).code).toBe(400);
});
