import { swapped } from '../stored/byteOrder.ts';
import type { ByteSource } from '../stored/byteSource.ts';
import type { ByteRange } from './fragments.ts';
import { frameBits } from './imagePixels.ts';
import type { FrameIndex } from './frameIndex.ts';

const PIECE_BYTES = 256 * 1024;
const BITS_PER_BYTE = 8;

/** Where a frame is, and what is to be done with its bytes. */
export interface FramePlace {
  /** One after the other. */
  ranges: readonly ByteRange[];
  /** How many bytes change their places; 1: they stay. */
  swappedBytes: number;
  /** Bits of the first byte that are of the frame before. */
  shiftBits: number;
  /** Of the frame. */
  lengthBytes: number;
}

/** @param frame from 0, below the number of frames */
export function framePlace({ pixels, native, encapsulated }: FrameIndex, frame: number): FramePlace {
  if (!native) {
    const ranges = encapsulated?.[frame] ?? [];
    const lengthBytes = ranges.reduce((sum, range) => sum + range.lengthBytes, 0);
    return { ranges, swappedBytes: 1, shiftBits: 0, lengthBytes };
  }
  const bits = frameBits(pixels);
  const fromBit = frame * bits;
  const firstByte = Math.floor(fromBit / BITS_PER_BYTE);
  const endByte = Math.ceil((fromBit + bits) / BITS_PER_BYTE);
  return {
    ranges: [{ at: native.at + firstByte, lengthBytes: endByte - firstByte }],
    swappedBytes: native.isLittleEndian ? 1 : Math.max(1, pixels.bitsAllocated / BITS_PER_BYTE),
    shiftBits: pixels.bitsAllocated === 1 ? fromBit % BITS_PER_BYTE : 0,
    lengthBytes: Math.ceil(bits / BITS_PER_BYTE),
  };
}

/**
 * The bytes of a frame as they are taken: whoever takes them slowly has one piece in memory.
 *
 * @param pieceBytes of a piece at most, a multiple of eight: no value is in two of them
 * @throws ObjectError
 */
export async function* framePieces(
  source: ByteSource,
  { ranges, swappedBytes, shiftBits, lengthBytes }: FramePlace,
  pieceBytes = PIECE_BYTES,
): AsyncGenerator<Buffer> {
  for (const range of ranges) {
    const wantedBytes = shiftBits > 0 ? lengthBytes : range.lengthBytes;
    for (let done = 0; done < wantedBytes; done += pieceBytes) {
      const bytes = Math.min(pieceBytes, wantedBytes - done);
      const readBytes = Math.min(bytes + Number(shiftBits > 0), range.lengthBytes - done);
      const piece = await source.read(range.at + done, readBytes);
      yield shiftBits > 0 ? shifted(piece, shiftBits, bytes) : swapped(piece, swappedBytes);
    }
  }
}

/** Frames of single bits follow each other without regard to bytes (PS3.5 section 8.1.1); here each begins with its own. */
function shifted(bytes: Buffer, byBits: number, lengthBytes: number): Buffer {
  const into = Buffer.alloc(lengthBytes);
  for (let at = 0; at < into.length; at += 1)
    into[at] = ((bytes[at]! | ((bytes[at + 1] ?? 0) << BITS_PER_BYTE)) >> byBits) & 0xff;
  return into;
}
