import { afterAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFrames, readFrame } from '../../src/frames/frames.ts';
import { readPresentation, type Window } from '../../src/rendering/presentation.ts';
import { Renderer, RenderError, RendererBusyError } from '../../src/rendering/renderer.ts';
import type { RenderTask } from '../../src/rendering/renderTask.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { fileOf, type Element } from '../support/dicomObject.ts';
import { encapsulated, imageDataSet, ramp, sequenceItem, type TestImage } from '../support/image.ts';
import { decodePng, decodePnm, difference } from '../support/picture.ts';
import { suiteFolder, withObject } from '../support/storedFile.ts';

const folder = suiteFolder();
const renderer = new Renderer();
afterAll(() => renderer.close());

type Wish = Partial<Pick<RenderTask, 'window' | 'viewport' | 'format' | 'quality'>>;

const taskOf = (file: Buffer | string, frame = 0): Promise<RenderTask> =>
  withObject(folder, file, async (object) => {
    const { pixels, transferSyntaxUid, ...index } = (await findFrames(object))!;
    const bytes = await readFrame({ pixels, transferSyntaxUid, ...index }, object.source, frame);
    const presentation = readPresentation(object.dataSet, frame);
    return {
      kind: 'picture',
      format: 'image/png',
      frame: { pixels, transferSyntaxUid, bytes },
      presentation,
    };
  });
const pictureOf = async (file: Buffer | string, wish: Wish = {}, frame = 0) =>
  decodePng(await renderer.do({ ...(await taskOf(file, frame)), ...wish }));

/** Colours that change from pixel to pixel, but not much, so that what is lost by compression is little. */
function colours(count: number): Buffer {
  return Buffer.from(
    Array.from({ length: count }, (_, at) => [at % 251, (at * 3) % 241, 255 - (at % 239)]).flat(),
  );
}
const COLOUR: Partial<TestImage> = {
  samplesPerPixel: 3,
  bitsAllocated: 8,
  bitsStored: 8,
  photometricInterpretation: 'RGB',
};

/** What dcmtk shows. */
async function shownByDcmtk(file: Buffer | string, options: readonly string[]): ReturnType<typeof pictureOf> {
  const at = typeof file === 'string' ? file : path.join(folder, 'shown.dcm');
  if (typeof file !== 'string') writeFileSync(at, file);
  const picture = path.join(folder, 'shown.pnm');
  const done = await dcmtk('dcmj2pnm', ['+op', ...options, at, picture]);
  expect(done).toMatchObject({ code: 0 });
  return decodePnm(readFileSync(picture));
}

describe('syntaxes', () => {
  testWithDcmtk.each([
    ['dcmcrle', [], 0],
    ['dcmcjpeg', ['+el'], 0],
    ['dcmcjpeg', ['+e1'], 0],
    ['dcmcjpls', [], 0],
    ['dcmconv', ['+tb'], 0],
    ['dcmconv', ['+ti'], 0],
    ['dcmconv', ['+td'], 0],
    ['dcmcjpeg', ['+ee'], 24],
  ])('%s %p is decoded to what was compressed', async (program, options, lossMax) => {
    const [plain, other] = [path.join(folder, 'plain.dcm'), path.join(folder, 'other.dcm')];
    writeFileSync(plain, fileOf(imageDataSet()));
    expect(await dcmtk(program, [...options, plain, other])).toMatchObject({ code: 0 });
    const { frame } = await taskOf(other);
    const decoded = Buffer.from(await renderer.do({ kind: 'decode', frame }));
    const expected = ramp(64 * 64);
    expect(decoded.length).toBe(expected.length);
    const losses = Array.from({ length: 64 * 64 }, (_, at) =>
      Math.abs(decoded.readUInt16LE(at * 2) - expected.readUInt16LE(at * 2)),
    );
    expect(Math.max(...losses)).toBeLessThanOrEqual(lossMax);
  });

  testWithDcmtk('of colours are those that dcmtk shows', async () => {
    const [plain, jpeg, lossless] = ['rgb.dcm', 'rgb-jpeg.dcm', 'rgb-jls.dcm'].map((name) =>
      path.join(folder, name),
    );
    writeFileSync(plain!, fileOf(imageDataSet({ ...COLOUR, pixels: colours(64 * 64) })));
    expect(await dcmtk('dcmcjpeg', ['+eb', '+s4', plain!, jpeg!])).toMatchObject({ code: 0 });
    expect(await dcmtk('dcmcjpls', [plain!, lossless!])).toMatchObject({ code: 0 });
    expect(difference(await pictureOf(plain!), await shownByDcmtk(plain!, []))).toBe(0);
    expect(difference(await pictureOf(lossless!), await pictureOf(plain!))).toBe(0);
    expect(difference(await pictureOf(jpeg!), await shownByDcmtk(jpeg!, []))).toBeLessThanOrEqual(2);
  });
});

describe('grays', () => {
  const window = (center: number, width: number, name: Window['function'] = 'linear'): Window => ({
    center,
    width,
    function: name,
  });

  testWithDcmtk.each<[string, Partial<TestImage>, readonly Element[], Window | undefined, string[]]>([
    ['a window that is asked for', {}, [], window(2048, 1000), ['+Ww', '2048', '1000']],
    ['a sigmoid', {}, [], window(2048, 1000, 'sigmoid'), ['+Ww', '2048', '1000', '+Wfs']],
    [
      'MONOCHROME1',
      { photometricInterpretation: 'MONOCHROME1' },
      [],
      window(500, 800),
      ['+Ww', '500', '800'],
    ],
    ['negative values', { isSigned: true }, [], window(0, 3000), ['+Ww', '0', '3000']],
    ['darkest to brightest', { bitsStored: 16, pixels: ramp(64 * 64) }, [], undefined, ['+Wm']],
    [
      'the window of the object, and values of another scale',
      {},
      [
        [0x0028, 0x1050, 'DS', '100\\7'],
        [0x0028, 0x1051, 'DS', '900\\9'],
        [0x0028, 0x1052, 'DS', '-1000'],
        [0x0028, 0x1053, 'DS', '2'],
      ],
      undefined,
      ['+Wi', '1'],
    ],
  ])('are those that dcmtk shows: %s', async (_what, image, others, asked, options) => {
    const file = fileOf(imageDataSet({ ...image, others }));
    const ours = await pictureOf(file, asked ? { window: asked } : {});
    expect(difference(ours, await shownByDcmtk(file, options))).toBeLessThanOrEqual(1);
  });

  testWithDcmtk('are those of a lookup table', async () => {
    const table = Buffer.alloc(512);
    for (let at = 0; at < 256; at += 1) table.writeUInt16LE((at * at) >> 4, at * 2); // to 4064, of 12 bits
    const item = sequenceItem(
      [0x0028, 0x3002, 'US', Buffer.from(Uint16Array.of(256, 1000, 12).buffer)],
      [0x0028, 0x3006, 'OW', table],
    );
    const file = fileOf(imageDataSet({ others: [[0x0028, 0x3010, 'SQ', item]] }));
    expect(difference(await pictureOf(file), await shownByDcmtk(file, ['+Wl', '1']))).toBeLessThanOrEqual(1);
  });

  /** PS3.3 sections C.11.2.1.2 and C.11.2.1.3, for stored values 99, 100, 101 and 102. */
  test.each<[string, Window, number[]]>([
    ['linear', window(101, 3), [0, 64, 191, 255]],
    ['a threshold', window(101, 1), [0, 0, 255, 255]],
    ['linear-exact', window(100, 4, 'linear-exact'), [64, 128, 191, 255]],
    ['sigmoid', window(100, 4, 'sigmoid'), [69, 128, 186, 225]],
  ])('are what the standard says: %s', async (_name, asked, expected) => {
    const pixels = Buffer.from(Uint16Array.of(99, 100, 101, 102).buffer);
    const file = fileOf(imageDataSet({ rows: 1, columns: 4, pixels }));
    expect([...(await pictureOf(file, { window: asked })).bytes]).toEqual(expected);
    const inverted = fileOf(
      imageDataSet({ rows: 1, columns: 4, pixels, photometricInterpretation: 'MONOCHROME1' }),
    );
    expect([...(await pictureOf(inverted, { window: asked })).bytes]).toEqual(
      expected.map((gray) => 255 - gray),
    );
  });

  test('each frame has its own window, where it says so', async () => {
    const windows = [10, 1000].map((center) =>
      sequenceItem([
        0x0028,
        0x9132,
        'SQ',
        sequenceItem([0x0028, 0x1050, 'DS', String(center)], [0x0028, 0x1051, 'DS', '1']),
      ]),
    );
    const pixels = Buffer.from(Uint16Array.of(100, 100).buffer);
    const others: Element[] = [[0x5200, 0x9230, 'SQ', Buffer.concat(windows)]];
    const file = fileOf(imageDataSet({ rows: 1, columns: 1, frames: 2, pixels, others }));
    expect([...(await pictureOf(file, {}, 0)).bytes]).toEqual([255]);
    expect([...(await pictureOf(file, {}, 1)).bytes]).toEqual([0]);
  });
});

describe('colours', () => {
  test('planes, luminance and palettes make the same picture', async () => {
    const size = { rows: 1, columns: 2 };
    const rgb = Buffer.from([255, 0, 0, 0, 0, 255]);
    const planes = Buffer.from([255, 0, 0, 0, 0, 255]);
    const expected = { width: 2, height: 1, channels: 3, bytes: rgb };
    expect(await pictureOf(fileOf(imageDataSet({ ...COLOUR, ...size, pixels: rgb })))).toEqual(expected);
    expect(
      await pictureOf(fileOf(imageDataSet({ ...COLOUR, ...size, isPlanar: true, pixels: planes }))),
    ).toEqual(expected);
    const ybr = {
      ...COLOUR,
      ...size,
      photometricInterpretation: 'YBR_FULL',
      pixels: Buffer.from([76, 85, 255, 29, 255, 107]),
    };
    expect(difference(await pictureOf(fileOf(imageDataSet(ybr))), expected)).toBeLessThanOrEqual(2);
    const words = (...values: number[]) => Buffer.from(Uint16Array.from(values).buffer);
    const palette = imageDataSet({
      ...{ ...size, bitsAllocated: 8, bitsStored: 8, photometricInterpretation: 'PALETTE COLOR' },
      pixels: Buffer.from([5, 6]),
      others: [
        [0x0028, 0x1101, 'US', words(2, 5, 16)],
        [0x0028, 0x1102, 'US', words(2, 5, 16)],
        [0x0028, 0x1103, 'US', words(2, 5, 16)],
        [0x0028, 0x1201, 'OW', words(0xffff, 0)],
        [0x0028, 0x1202, 'OW', words(0, 0)],
        [0x0028, 0x1203, 'OW', words(0, 0xffff)],
      ],
    });
    expect(await pictureOf(fileOf(palette))).toEqual(expected);
  });
});

describe('pictures', () => {
  test('fit a viewport, keep their proportions, and are means of what they show', async () => {
    const pixels = Buffer.from(Uint16Array.from({ length: 16 }, (_, at) => (at % 4 < 2 ? 0 : 255)).buffer);
    const file = fileOf(imageDataSet({ rows: 4, columns: 4, bitsStored: 8, pixels }));
    const window: Window = { center: 127.5, width: 255, function: 'linear-exact' };
    const small = await pictureOf(file, { window, viewport: { width: 2, height: 9 } });
    expect(small).toMatchObject({ width: 2, height: 2, bytes: Buffer.from([0, 255, 0, 255]) });
    const dot = await pictureOf(file, { window, viewport: { width: 1, height: 1 } });
    expect([...dot.bytes]).toEqual([128]);
    expect(await pictureOf(file, { window, viewport: { width: 9, height: 9 } })).toMatchObject({ width: 4 });
  });

  test('are JPEG too, of the quality that is asked for', async () => {
    const task = await taskOf(fileOf(imageDataSet()));
    const [poor, good] = await Promise.all(
      [5, 95].map((quality) => renderer.do({ ...task, format: 'image/jpeg', quality })),
    );
    for (const one of [poor!, good!])
      expect(Buffer.from(one.subarray(0, 3))).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    expect(good!.length).toBeGreaterThan(poor!.length);
  });
});

describe('faults', () => {
  const JPEG_LOSSLESS = '1.2.840.10008.1.2.4.70';

  test('a frame that is no image is said to be none, and the next one is shown', async () => {
    for (const junk of [
      Buffer.alloc(100, 7),
      Buffer.from('ffd8ffc3000b0c00400040011100ffda', 'hex'),
      Buffer.alloc(0),
    ]) {
      const broken = fileOf(encapsulated(imageDataSet(), [junk]), JPEG_LOSSLESS);
      await expect(pictureOf(broken)).rejects.toBeInstanceOf(RenderError);
    }
    expect(await pictureOf(fileOf(imageDataSet()))).toMatchObject({ width: 64 });
  });

  testWithDcmtk('a decoder that has failed, even thirty times, harms no frame after it', async () => {
    const [plain, jpeg] = [path.join(folder, 'plain.dcm'), path.join(folder, 'jpeg.dcm')];
    writeFileSync(plain, fileOf(imageDataSet()));
    expect(await dcmtk('dcmcjpeg', ['+el', plain, jpeg])).toMatchObject({ code: 0 });
    const { frame } = await taskOf(jpeg);
    const broken = Buffer.from(frame.bytes);
    broken[0] = 0;
    const task = { kind: 'decode', frame: { ...frame, bytes: broken } } as const;
    for (let time = 0; time < 30; time += 1)
      await expect(renderer.do(task)).rejects.toBeInstanceOf(RenderError);
    expect(Buffer.from(await renderer.do({ kind: 'decode', frame })).equals(ramp(64 * 64))).toBe(true);
  });

  test('numbers that are no grays are not shown as such', async () => {
    const dataSet = imageDataSet({
      rows: 1,
      columns: 1,
      bitsAllocated: 32,
      bitsStored: 32,
      pixels: Buffer.alloc(4),
    });
    dataSet.writeUInt16LE(0x0008, dataSet.length - 14); // Float Pixel Data instead
    await expect(pictureOf(fileOf(dataSet))).rejects.toThrow('floating point');
  });

  test('a frame that says that it is larger than its object is not decoded', async () => {
    const huge = Buffer.from('ffd8ffc3000b0cffffffff011100ffda0000000000000000', 'hex');
    const broken = fileOf(encapsulated(imageDataSet(), [huge]), JPEG_LOSSLESS);
    await expect(pictureOf(broken)).rejects.toThrow('another size');
  });

  test('what takes too long is ended', async () => {
    const impatient = new Renderer({ timeoutMs: 1 });
    try {
      await expect(impatient.do(await taskOf(fileOf(imageDataSet())))).rejects.toThrow('takes too long');
    } finally {
      await impatient.close();
    }
  });

  test('a thread that nobody has needed for some time ends, and another one is begun for the next picture', async () => {
    const short = new Renderer({ idleMs: 1 });
    try {
      const task = await taskOf(fileOf(imageDataSet()));
      const first = await short.do(task);
      await sleep(20);
      expect(Buffer.from(await short.do(task)).equals(first)).toBe(true);
    } finally {
      await short.close();
    }
  });

  test('what is too much at once is refused, and what nobody waits for is not begun', async () => {
    const small = new Renderer({ waitingMax: 1 });
    try {
      const task = await taskOf(fileOf(imageDataSet()));
      const left = new AbortController();
      const first = small.do(task);
      const second = small.do(task, left.signal);
      left.abort();
      await expect(small.do(task)).rejects.toBeInstanceOf(RendererBusyError);
      await expect(second).rejects.toBeInstanceOf(RendererBusyError);
      expect((await first).length).toBeGreaterThan(0);
    } finally {
      await small.close();
    }
  });
});
