import { afterAll, describe, expect, test } from '@jest/globals';
import type { Window } from '../../src/rendering/presentation.ts';
import { Renderer } from '../../src/rendering/renderer.ts';
import { testWithDcmtk } from '../support/dcmtk.ts';
import { fileOf, type Element } from '../support/dicomObject.ts';
import { COLOUR, imageDataSet, ramp, sequenceItem, type TestImage } from '../support/image.ts';
import { difference } from '../support/picture.ts';
import { pictureBy, shownByDcmtk, taskOf } from '../support/rendered.ts';
import { suiteFolder } from '../support/storedFile.ts';

const folder = suiteFolder();
const renderer = new Renderer();
afterAll(() => renderer.close());

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
    const ours = await pictureBy(renderer, folder, file, asked ? { window: asked } : {});
    expect(difference(ours, await shownByDcmtk(folder, file, options))).toBeLessThanOrEqual(1);
  });

  testWithDcmtk('are those of a lookup table', async () => {
    const table = Buffer.alloc(512);
    for (let at = 0; at < 256; at += 1) table.writeUInt16LE((at * at) >> 4, at * 2); // to 4064, of 12 bits
    const item = sequenceItem(
      [0x0028, 0x3002, 'US', Buffer.from(Uint16Array.of(256, 1000, 12).buffer)],
      [0x0028, 0x3006, 'OW', table],
    );
    const file = fileOf(imageDataSet({ others: [[0x0028, 0x3010, 'SQ', item]] }));
    expect(
      difference(await pictureBy(renderer, folder, file), await shownByDcmtk(folder, file, ['+Wl', '1'])),
    ).toBeLessThanOrEqual(1);
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
    expect([...(await pictureBy(renderer, folder, file, { window: asked })).bytes]).toEqual(expected);
    const inverted = fileOf(
      imageDataSet({ rows: 1, columns: 4, pixels, photometricInterpretation: 'MONOCHROME1' }),
    );
    expect([...(await pictureBy(renderer, folder, inverted, { window: asked })).bytes]).toEqual(
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
    expect([...(await pictureBy(renderer, folder, file, {}, 0)).bytes]).toEqual([255]);
    expect([...(await pictureBy(renderer, folder, file, {}, 1)).bytes]).toEqual([0]);
  });
});

describe('colours', () => {
  test('planes, luminance and palettes make the same picture', async () => {
    const size = { rows: 1, columns: 2 };
    const rgb = Buffer.from([255, 0, 0, 0, 0, 255]);
    const planes = Buffer.from([255, 0, 0, 0, 0, 255]);
    const expected = { width: 2, height: 1, channels: 3, bytes: rgb };
    expect(
      await pictureBy(renderer, folder, fileOf(imageDataSet({ ...COLOUR, ...size, pixels: rgb }))),
    ).toEqual(expected);
    expect(
      await pictureBy(
        renderer,
        folder,
        fileOf(imageDataSet({ ...COLOUR, ...size, isPlanar: true, pixels: planes })),
      ),
    ).toEqual(expected);
    const ybr = {
      ...COLOUR,
      ...size,
      photometricInterpretation: 'YBR_FULL',
      pixels: Buffer.from([76, 85, 255, 29, 255, 107]),
    };
    expect(
      difference(await pictureBy(renderer, folder, fileOf(imageDataSet(ybr))), expected),
    ).toBeLessThanOrEqual(2);
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
    expect(await pictureBy(renderer, folder, fileOf(palette))).toEqual(expected);
  });
});

describe('pictures', () => {
  test('fit a viewport, keep their proportions, and are means of what they show', async () => {
    const pixels = Buffer.from(Uint16Array.from({ length: 16 }, (_, at) => (at % 4 < 2 ? 0 : 255)).buffer);
    const file = fileOf(imageDataSet({ rows: 4, columns: 4, bitsStored: 8, pixels }));
    const window: Window = { center: 127.5, width: 255, function: 'linear-exact' };
    const small = await pictureBy(renderer, folder, file, { window, viewport: { width: 2, height: 9 } });
    expect(small).toMatchObject({ width: 2, height: 2, bytes: Buffer.from([0, 255, 0, 255]) });
    const dot = await pictureBy(renderer, folder, file, { window, viewport: { width: 1, height: 1 } });
    expect([...dot.bytes]).toEqual([128]);
    expect(
      await pictureBy(renderer, folder, file, { window, viewport: { width: 9, height: 9 } }),
    ).toMatchObject({ width: 4 });
  });

  test('are JPEG too, of the quality that is asked for', async () => {
    const task = await taskOf(folder, fileOf(imageDataSet()));
    const [poor, good] = await Promise.all(
      [5, 95].map((quality) => renderer.do({ ...task, format: 'image/jpeg', quality })),
    );
    for (const one of [poor!, good!])
      expect(Buffer.from(one.subarray(0, 3))).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    expect(good!.length).toBeGreaterThan(poor!.length);
  });
});
