import type { ImagePixels } from '../frames/imagePixels.ts';
import { NotShownError } from './notShown.ts';

/** A frame that is not compressed, little endian, and what it is made of. */
export interface RawFrame {
  pixels: ImagePixels;
  bytes: Uint8Array;
}

/** One value of a frame, as it was stored: without the bits around it, and with its sign. */
export type ReadSample = (index: number) => number;

/** Reads samples of up to 32 bits (PS3.5 section 8.1). @throws NotShownError for others */
export function sampleReader({ pixels, bytes }: RawFrame): ReadSample {
  const cell = cellReader(bytes, pixels.bitsAllocated);
  const sample = sampleOfCell(pixels);
  return (index) => sample(cell(index));
}

/** What a cell of the frame holds: the sample, and whatever stands beside it. @throws NotShownError for cells of more than 32 bits */
export function cellReader(bytes: Uint8Array, bitsAllocated: number): ReadSample {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bitsAllocated) {
    case 1:
      return (index) => (bytes[index >> 3]! >> (index & 7)) & 1;
    case 8:
      return (index) => bytes[index]!;
    case 16:
      return (index) => view.getUint16(index * 2, true);
    case 32:
      return (index) => view.getUint32(index * 4, true);
    default:
      throw new NotShownError(`Samples of ${bitsAllocated} bits are not shown.`);
  }
}

/** The sample in what a cell holds. */
export function sampleOfCell({ bitsStored, highBit, isSigned }: ImagePixels): (cell: number) => number {
  const above = 32 - 1 - highBit; // bits to the left, of 32
  const aside = 32 - bitsStored;
  return isSigned ? (cell) => (cell << above) >> aside : (cell) => (cell << above) >>> aside;
}
