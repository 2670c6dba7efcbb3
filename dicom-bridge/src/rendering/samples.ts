import type { ImagePixels } from '../frames/imagePixels.ts';

/** A frame that is not compressed, little endian, and what it is made of. */
export interface RawFrame {
  pixels: ImagePixels;
  bytes: Uint8Array;
}

/** One value of a frame, as it was stored: without the bits around it, and with its sign. */
export type ReadSample = (index: number) => number;

/** Reads samples of up to 32 bits (PS3.5 section 8.1). @throws RangeError for others */
export function sampleReader({ pixels, bytes }: RawFrame): ReadSample {
  const { bitsAllocated, bitsStored, highBit, isSigned } = pixels;
  if (bitsAllocated === 1) return (index) => (bytes[index >> 3]! >> (index & 7)) & 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const above = 32 - 1 - highBit; // bits to the left, of 32
  const aside = 32 - bitsStored;
  const cut = isSigned ? (raw: number) => (raw << above) >> aside : (raw: number) => (raw << above) >>> aside;
  if (bitsAllocated === 8) return (index) => cut(bytes[index]!);
  if (bitsAllocated === 16) return (index) => cut(view.getUint16(index * 2, true));
  if (bitsAllocated === 32) return (index) => cut(view.getUint32(index * 4, true));
  throw new RangeError(`Samples of ${bitsAllocated} bits are not shown.`);
}
