import type { ByteRange } from './fragments.ts';
import type { ImagePixels } from './imagePixels.ts';

/** The frames of an image, and where each of them is. Positions only: it may be kept after the file was closed. */
export interface FrameIndex {
  pixels: ImagePixels;
  /** Of the frames as they are read: native ones are always explicit little endian. */
  transferSyntaxUid: string;
  /** Of each frame, where they are encapsulated. */
  encapsulated?: ByteRange[][];
  native?: ByteRange & { isLittleEndian: boolean };
}
