import { describe, expect, test } from '@jest/globals';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { findFrames, readFrame } from '../../src/frames/frames.ts';
import { ObjectError } from '../../src/objects/objectHeader.ts';
import type { ByteSource } from '../../src/stored/byteSource.ts';
import type { StoredObject } from '../../src/stored/storedObject.ts';
import { encodeElements, fileOf, type Element } from '../support/dicomObject.ts';
import { encapsulated, imageDataSet } from '../support/image.ts';
import { suiteFolder, withObject } from '../support/storedFile.ts';

const folder = suiteFolder();
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';

async function framesOf(object: StoredObject): Promise<Buffer[]> {
  const index = await findFrames(object);
  const frames: Buffer[] = [];
  for (let frame = 0; frame < (index?.pixels.frames ?? 0); frame += 1)
    frames.push(await readFrame(index!, object.source, frame));
  return frames;
}
const framesOfFile = (file: Buffer): Promise<Buffer[]> => withObject(folder, file, framesOf);

const bytes = (first: number, length: number): Buffer => Buffer.alloc(length, first);
/** Begins as a JPEG does. */
const jpeg = (fill: number): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, fill]), bytes(fill, 6)]);

describe('frames that are not compressed', () => {
  test('stand one behind the other', async () => {
    const pixels = Buffer.concat([bytes(1, 32), bytes(2, 32), bytes(3, 32)]);
    const file = fileOf(imageDataSet({ rows: 4, columns: 4, frames: 3, pixels }));
    expect(await framesOfFile(file)).toEqual([bytes(1, 32), bytes(2, 32), bytes(3, 32)]);
  });

  test('of single bits do not begin with a byte', async () => {
    const image = { rows: 3, columns: 3, frames: 2, bitsAllocated: 1, bitsStored: 1 };
    const pixels = Buffer.from([0b1010_1010, 0b0000_1111, 0b11, 0]); // nine bits each: 0101 0101 1, then 1110 0001 1
    const file = fileOf(imageDataSet({ ...image, pixels }));
    const frames = await framesOfFile(file);
    const bitsOf = (frame: Buffer) =>
      Array.from({ length: 9 }, (_, at) => (frame[at >> 3]! >> (at & 7)) & 1).join('');
    expect(frames.map(bitsOf)).toEqual(['010101011', '111000011']);
  });

  test('are little endian, whatever the object is', async () => {
    const pixels = Buffer.from([1, 2, 3, 4]);
    await withObject(folder, fileOf(imageDataSet({ rows: 1, columns: 2, pixels })), async (object) => {
      const big = await findFrames({ ...object, transferSyntaxUid: BIG_ENDIAN });
      expect(await readFrame(big!, object.source, 0)).toEqual(Buffer.from([2, 1, 4, 3]));
      expect(big?.transferSyntaxUid).toBe('1.2.840.10008.1.2.1');
    });
  });

  test('are refused where they are cut off, or make no image', async () => {
    const cut = fileOf(imageDataSet({ rows: 4, columns: 4, frames: 2, pixels: bytes(1, 32) }));
    await expect(framesOfFile(cut)).rejects.toBeInstanceOf(ObjectError);
    for (const wrong of [
      { rows: 0 },
      { bitsAllocated: 12 },
      { bitsStored: 17 },
      { samplesPerPixel: 9 },
      { frames: 0 },
    ])
      await expect(framesOfFile(fileOf(imageDataSet(wrong)))).rejects.toBeInstanceOf(ObjectError);
  });

  test('of 200 MB are read one at a time', async () => {
    const [frames, frameBytes] = [200, 1024 * 1024];
    const image = { rows: 1024, columns: 512, frames, pixels: Buffer.alloc(0) };
    const head = fileOf(imageDataSet(image));
    head.writeUInt32LE(frames * frameBytes, head.length - 4); // of the pixel data, which follow
    const at = path.join(folder, 'large.dcm');
    const file = openSync(at, 'w');
    writeSync(file, head);
    writeSync(file, Buffer.from('last'), 0, 4, head.length + frames * frameBytes - 4);
    ftruncateSync(file, head.length + frames * frameBytes);
    closeSync(file);
    await withObject(folder, at, async (object) => {
      let readBytes = 0;
      const counted: ByteSource = {
        sizeBytes: object.source.sizeBytes,
        read: (from, lengthBytes) => {
          readBytes += lengthBytes;
          return object.source.read(from, lengthBytes);
        },
      };
      const index = await findFrames({ ...object, source: counted });
      const frame = await readFrame(index!, counted, frames - 1);
      expect(frame.subarray(-4).toString()).toBe('last');
      expect(readBytes).toBe(frameBytes);
    });
  });
});

describe('encapsulated frames', () => {
  const [a, b, c, d] = [bytes(1, 6), bytes(2, 4), bytes(3, 8), bytes(4, 2)] as const;
  const image = (frames: number, others: readonly Element[] = []): Buffer =>
    imageDataSet({ frames, others, bitsAllocated: 8, bitsStored: 8 });
  const file = (dataSet: Buffer): Buffer => fileOf(dataSet, JPEG_BASELINE);
  /** Where the item of each fragment begins, behind that of the first. */
  const offsets = [0, 14, 26, 42];

  test('one of all fragments', async () => {
    expect(await framesOfFile(file(encapsulated(image(1), [a, b, c])))).toEqual([Buffer.concat([a, b, c])]);
  });

  test('one of each fragment', async () => {
    expect(await framesOfFile(file(encapsulated(image(3), [a, b, c])))).toEqual([a, b, c]);
  });

  test('by the basic offset table', async () => {
    const table = [offsets[0]!, offsets[2]!];
    const frames = await framesOfFile(file(encapsulated(image(2), [a, b, c, d], table)));
    expect(frames).toEqual([Buffer.concat([a, b]), Buffer.concat([c, d])]);
  });

  test('by the extended offset table', async () => {
    const table = Buffer.alloc(16);
    table.writeBigUInt64LE(BigInt(offsets[3]!), 8);
    const dataSet = image(2, [
      [0x7fe0, 0x0001, 'OV', table],
      [0x7fe0, 0x0002, 'OV', Buffer.alloc(16)],
    ]);
    const frames = await framesOfFile(file(encapsulated(dataSet, [a, b, c, d])));
    expect(frames).toEqual([Buffer.concat([a, b, c]), d]);
  });

  test('by what begins a JPEG, where nothing else tells it', async () => {
    const frames = await framesOfFile(file(encapsulated(image(2), [jpeg(1), a, jpeg(2), b])));
    expect(frames).toEqual([Buffer.concat([jpeg(1), a]), Buffer.concat([jpeg(2), b])]);
  });

  test.each([
    ['by nothing', encapsulated(image(2), [a, b, c])],
    ['a table that points between fragments', encapsulated(image(2), [a, b, c], [0, 15])],
    ['no end', encapsulated(image(1), [a]).subarray(0, -8)],
    ['a fragment that is cut off', encapsulated(image(1), [a]).subarray(0, -12)],
    ['no fragments at all', encapsulated(image(1), []).subarray(0, -16)],
  ])('are refused: %s', async (_what, dataSet) => {
    await expect(framesOfFile(file(dataSet))).rejects.toBeInstanceOf(ObjectError);
  });

  test('an object without pixels has none', async () => {
    const report = fileOf(encodeElements([[0x0008, 0x0060, 'CS', 'SR']]));
    expect(await withObject(folder, report, findFrames)).toBeUndefined();
  });
});
