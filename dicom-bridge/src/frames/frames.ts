import { ObjectError } from '../objects/objectError.ts';
import type { ByteSource } from '../stored/byteSource.ts';
import type { StoredObject } from '../stored/storedObject.ts';
import type { StoredElement } from '../stored/storedDataSet.ts';
import { BIG_ENDIAN, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from '../stored/transferSyntax.ts';
import { findFragments } from './fragments.ts';
import type { FrameIndex } from './frameIndex.ts';
import { framePieces, framePlace } from './framePieces.ts';
import { framesOfFragments } from './framesOfFragments.ts';
import { frameBits, pixelElement, readImagePixels, type ImagePixels } from './imagePixels.ts';

/** Of one frame, which is in memory when it is read. */
export const FRAME_BYTES_MAX = 256 * 1024 * 1024;
const BITS_PER_BYTE = 8;

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
  const place = framePlace(index, frame);
  requireSize(place.lengthBytes);
  const pieces: Buffer[] = [];
  for await (const piece of framePieces(source, place, FRAME_BYTES_MAX)) pieces.push(piece);
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

function requireSize(lengthBytes: number): void {
  if (lengthBytes > FRAME_BYTES_MAX)
    throw new ObjectError(`A frame of it has more than ${FRAME_BYTES_MAX} bytes.`);
}
