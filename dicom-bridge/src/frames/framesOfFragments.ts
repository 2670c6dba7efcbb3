import { ObjectError } from '../objects/objectError.ts';
import type { ByteSource } from '../stored/byteSource.ts';
import type { StoredDataSet } from '../stored/storedDataSet.ts';
import type { ByteRange, Fragments } from './fragments.ts';

const EXTENDED_OFFSET_TABLE = 0x7fe0_0001;
const ITEM_HEAD_BYTES = 8;
/** What begins an image: JPEG and JPEG-LS (SOI), JPEG 2000 (SOC), JPEG XL, and JPEG 2000 or XL in boxes. */
const BEGINNINGS = [
  [0xff, 0xd8, 0xff],
  [0xff, 0x4f, 0xff],
  [0xff, 0x0a],
  [0x00, 0x00, 0x00, 0x0c],
].map((bytes) => Buffer.from(bytes));
const BEGINNING_BYTES_MAX = 4;

/**
 * Which fragments make which frame: by one of the offset tables, by their number, or, where there is neither, by what begins an image.
 *
 * @returns the ranges of each frame, in their order
 * @throws ObjectError where this cannot be told
 */
export async function framesOfFragments(
  { basicOffsets, firstAt, fragments }: Fragments,
  dataSet: StoredDataSet,
  frames: number,
  source: ByteSource,
): Promise<ByteRange[][]> {
  if (frames === 1) return [fragments];
  const extended = dataSet.numbers(EXTENDED_OFFSET_TABLE);
  const offsets = [extended, basicOffsets].find((table) => table.length === frames);
  if (offsets)
    return split(
      fragments,
      offsets.map((offset) => firstAt + offset + ITEM_HEAD_BYTES),
    );
  if (fragments.length === frames) return fragments.map((one) => [one]);
  return split(fragments, await beginnings(fragments, frames, source));
}

async function beginnings(
  fragments: readonly ByteRange[],
  frames: number,
  source: ByteSource,
): Promise<number[]> {
  const found: number[] = [];
  for (const { at, lengthBytes } of fragments) {
    const bytes = await source.read(at, Math.min(lengthBytes, BEGINNING_BYTES_MAX));
    if (BEGINNINGS.some((one) => bytes.subarray(0, one.length).equals(one))) found.push(at);
  }
  if (found.length !== frames) throw new ObjectError('It does not tell where its frames begin.');
  return found;
}

/** @param starts where the first fragment of each frame begins */
function split(fragments: readonly ByteRange[], starts: readonly number[]): ByteRange[][] {
  const frameAt = new Map(starts.map((at, frame) => [at, frame]));
  const frames: ByteRange[][] = starts.map(() => []);
  let frame = -1;
  let met = 0;
  for (const fragment of fragments) {
    const begun = frameAt.get(fragment.at);
    if (begun !== undefined) met += 1;
    frame = begun ?? frame;
    frames[frame]?.push(fragment);
  }
  if (met !== starts.length) throw new ObjectError('Its offset table does not fit its fragments.');
  return frames;
}
