import { afterAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import dcmjsCodecs from 'dcmjs-codecs';
import { Renderer } from '../../src/rendering/renderer.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { fileOf } from '../support/dicomObject.ts';
import { COLOUR, encapsulated, imageDataSet, ramp } from '../support/image.ts';
import { difference } from '../support/picture.ts';
import { pictureBy, shownByDcmtk, taskOf } from '../support/rendered.ts';
import { suiteFolder } from '../support/storedFile.ts';

const { Context, NativeCodecs } = dcmjsCodecs;
const folder = suiteFolder();
const renderer = new Renderer();
afterAll(() => renderer.close());

/** Colours that change from pixel to pixel, but not much, so that what is lost by compression is little. */
function colours(count: number): Buffer {
  return Buffer.from(
    Array.from({ length: count }, (_, at) => [at % 251, (at * 3) % 241, 255 - (at % 239)]).flat(),
  );
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
    const { frame } = await taskOf(folder, other);
    const decoded = Buffer.from(await renderer.do({ kind: 'decode', frame }));
    const expected = ramp(64 * 64);
    expect(decoded.length).toBe(expected.length);
    const losses = Array.from({ length: 64 * 64 }, (_, at) =>
      Math.abs(decoded.readUInt16LE(at * 2) - expected.readUInt16LE(at * 2)),
    );
    expect(Math.max(...losses)).toBeLessThanOrEqual(lossMax);
  });

  /** Neither dcmtk nor anything else here writes these: the library's own encoder does. */
  test.each([
    ['JPEG 2000', '1.2.840.10008.1.2.4.90', 'encodeJpeg2000'],
    ['HTJ2K', '1.2.840.10008.1.2.4.201', 'encodeHtJpeg2000'],
  ] as const)('%s is decoded to what was compressed', async (_name, transferSyntaxUid, encode) => {
    await NativeCodecs.initializeAsync();
    const image = { width: 64, height: 64, bitsAllocated: 16, bitsStored: 12, samplesPerPixel: 1 };
    const shown = {
      pixelRepresentation: 0,
      planarConfiguration: 0,
      photometricInterpretation: 'MONOCHROME2',
    };
    const context = new Context({ ...image, ...shown, decodedBuffer: ramp(64 * 64) });
    const encoded = NativeCodecs[encode](context, { lossy: false }).getEncodedBuffer()!;
    const even = Buffer.concat([encoded, Buffer.alloc(encoded.length % 2)]);
    const { frame } = await taskOf(folder, fileOf(encapsulated(imageDataSet(), [even]), transferSyntaxUid));
    const decoded = Buffer.from(await renderer.do({ kind: 'decode', frame }));
    expect(decoded.equals(ramp(64 * 64))).toBe(true);
  });

  testWithDcmtk('of colours are those that dcmtk shows', async () => {
    const [plain, jpeg, lossless] = ['rgb.dcm', 'rgb-jpeg.dcm', 'rgb-jls.dcm'].map((name) =>
      path.join(folder, name),
    );
    writeFileSync(plain!, fileOf(imageDataSet({ ...COLOUR, pixels: colours(64 * 64) })));
    expect(await dcmtk('dcmcjpeg', ['+eb', '+s4', plain!, jpeg!])).toMatchObject({ code: 0 });
    expect(await dcmtk('dcmcjpls', [plain!, lossless!])).toMatchObject({ code: 0 });
    expect(
      difference(await pictureBy(renderer, folder, plain!), await shownByDcmtk(folder, plain!, [])),
    ).toBe(0);
    expect(
      difference(await pictureBy(renderer, folder, lossless!), await pictureBy(renderer, folder, plain!)),
    ).toBe(0);
    expect(
      difference(await pictureBy(renderer, folder, jpeg!), await shownByDcmtk(folder, jpeg!, [])),
    ).toBeLessThanOrEqual(2);
  });
});
