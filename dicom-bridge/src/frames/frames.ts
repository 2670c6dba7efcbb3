import { ObjectError } from '../objects/objectError.ts';
import { swapped } from '../stored/byteOrder.ts';
import type { ByteSource } from '../stored/byteSource.ts';
import type { StoredObject } from '../stored/storedObject.ts';
import type { StoredElement } from '../stored/storedDataSet.ts';
import { BIG_ENDIAN, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from '../stored/transferSyntax.ts';
import { findFragments, type ByteRange } from './fragments.ts';
import { framesOfFragments } from './framesOfFragments.ts';
import { frameBits, pixelElement, readImagePixels, type ImagePixels } from './imagePixels.ts';

/** Of one frame, which is in memory when it is read. */
export const FRAME_BYTES_MAX = 256 * 1024 * 1024;
const BITS_PER_BYTE = 8;

/** The frames of an image, and where each of them is. Positions only: it may be kept after the file was closed. */
export interface FrameIndex {
  pixels: ImagePixels;
  /** Of the frames as they are read: native ones are always explicit little endian. */
  transferSyntaxUid: string;
  /** Of each frame, where they are encapsulated. */
  encapsulated?: ByteRange[][];
  native?: ByteRange & { isLittleEndian: boolean };
}

/**
 * Finds the frames.
 *
 * @returns undefined for an object without pixels
 * @throws ObjectError
 */
export async function findFrames({
  dataSet,
  source,
  transferSyntaxUid,
}: StoredObject): Promise<FrameIndex | undefined> {
  const element = pixelElement(dataSet);
  if (!element) return undefined;
  const pixels = readImagePixels(dataSet);
  if (!element.isEncapsulated) return nativeFrames(pixels, element, transferSyntaxUid);
  const fragments = await findFragments(source, element.at);
  const encapsulated = await framesOfFragments(fragments, dataSet, pixels.frames, source);
  return { pixels, transferSyntaxUid, encapsulated };
}

function nativeFrames(
  pixels: ImagePixels,
  { at, lengthBytes }: StoredElement,
  transferSyntaxUid: string,
): FrameIndex {
  if (![IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, BIG_ENDIAN].includes(transferSyntaxUid))
    throw new ObjectError('Its pixels are not encapsulated, as its transfer syntax says.');
  if (frameBits(pixels) * pixels.frames > lengthBytes * BITS_PER_BYTE)
    throw new ObjectError('Its pixel data are cut off.');
  const isLittleEndian = transferSyntaxUid !== BIG_ENDIAN;
  return { pixels, transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN, native: { at, lengthBytes, isLittleEndian } };
}

/**
 * Reads one frame: the bytes of its image where it is encapsulated, and of its pixels, little endian, where it is not.
 *
 * @param frame from 0, below the number of frames
 * @throws ObjectError
 */
export async function readFrame(index: FrameIndex, source: ByteSource, frame: number): Promise<Buffer> {
  const { pixels, native, encapsulated } = index;
  if (native) return readNative(pixels, native, source, frame);
  const ranges = encapsulated?.[frame] ?? [];
  requireSize(ranges.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0));
  return Buffer.concat(await Promise.all(ranges.map(({ at, lengthBytes }) => source.read(at, lengthBytes))));
}

async function readNative(
  pixels: ImagePixels,
  native: NonNullable<FrameIndex['native']>,
  source: ByteSource,
  frame: number,
): Promise<Buffer> {
  const bits = frameBits(pixels);
  const fromBit = frame * bits;
  const [firstByte, endByte] = [
    Math.floor(fromBit / BITS_PER_BYTE),
    Math.ceil((fromBit + bits) / BITS_PER_BYTE),
  ];
  requireSize(endByte - firstByte);
  const bytes = await source.read(native.at + firstByte, endByte - firstByte);
  if (pixels.bitsAllocated === 1) return shifted(bytes, fromBit % BITS_PER_BYTE, bits);
  return native.isLittleEndian ? bytes : swapped(bytes, pixels.bitsAllocated / BITS_PER_BYTE);
}

/** Frames of single bits follow each other without regard to bytes (PS3.5 section 8.1.1); here each begins with its own. */
function shifted(bytes: Buffer, byBits: number, bits: number): Buffer {
  if (byBits === 0) return bytes;
  const into = Buffer.alloc(Math.ceil(bits / BITS_PER_BYTE));
  for (let at = 0; at < into.length; at += 1)
    into[at] = ((bytes[at]! | ((bytes[at + 1] ?? 0) << BITS_PER_BYTE)) >> byBits) & 0xff;
  return into;
}

function requireSize(lengthBytes: number): void {
  if (lengthBytes > FRAME_BYTES_MAX)
    throw new ObjectError(`A frame of it has more than ${FRAME_BYTES_MAX} bytes.`);
}
