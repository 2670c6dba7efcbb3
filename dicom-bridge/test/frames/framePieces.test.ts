import { describe, expect, test } from '@jest/globals';
import { framePieces, framePlace } from '../../src/frames/framePieces.ts';
import { findFrames, readFrame } from '../../src/frames/frames.ts';
import type { StoredObject } from '../../src/stored/storedObject.ts';
import { fileOf } from '../support/dicomObject.ts';
import { encapsulated, imageDataSet, ramp } from '../support/image.ts';
import { suiteFolder, withObject } from '../support/storedFile.ts';

const folder = suiteFolder();
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const [PIECE, FRAMES] = [8, 3];

/** Reads each frame in pieces, and as a whole. */
async function bothOf(object: StoredObject): Promise<{ pieces: Buffer[]; whole: Buffer }[]> {
  const index = (await findFrames(object))!;
  const frames = Array.from({ length: FRAMES }, async (_, frame) => {
    const pieces: Buffer[] = [];
    const place = framePlace(index, frame);
    for await (const piece of framePieces(object.source, place, PIECE)) pieces.push(piece);
    expect(place.lengthBytes).toBe(Buffer.concat(pieces).length);
    return { pieces, whole: await readFrame(index, object.source, frame) };
  });
  return Promise.all(frames);
}

describe('the pieces of a frame are the frame', () => {
  const single = { rows: 7, columns: 29, bitsAllocated: 1, bitsStored: 1 };
  const file = fileOf(imageDataSet({ rows: 5, columns: 9, frames: FRAMES, pixels: ramp(5 * 9 * FRAMES) }));
  const bits = fileOf(imageDataSet({ ...single, frames: FRAMES, pixels: ramp(40) }));
  const fragments = [20, 9, 30].map((length, at) => Buffer.alloc(length, at + 1));
  const jpegs = fileOf(encapsulated(imageDataSet({ frames: FRAMES }), fragments), JPEG_BASELINE);

  test.each([
    ['as they stand', file, {}],
    ['in the other byte order', file, { transferSyntaxUid: BIG_ENDIAN }],
    ['of single bits', bits, {}],
    ['of fragments', jpegs, {}],
  ])('%s', (_name, bytes, as) =>
    withObject(folder, bytes, async (object) => {
      const frames = await bothOf({ ...object, ...as });
      for (const { pieces, whole } of frames) {
        expect(Buffer.concat(pieces).equals(whole)).toBe(true);
        expect(pieces.length).toBe(Math.ceil(whole.length / PIECE));
      }
      expect(new Set(frames.map(({ whole }) => whole.toString('hex'))).size).toBe(FRAMES);
    }),
  );
});
