import type { TurnedPixels } from './turn.ts';

/** The pixels of a picture as DICOM takes them (PS3.3 section C.7.6.3). */
export interface PictureFrame {
  transferSyntaxUid: string;
  rows: number;
  columns: number;
  samplesPerPixel: 1 | 3;
  bits: 8 | 16;
  photometricInterpretation: 'MONOCHROME2' | 'RGB' | 'YBR_FULL' | 'YBR_FULL_422';
  /** Of one frame, in its transfer syntax. */
  bytes: Uint8Array;
  /** How much smaller it was made with a loss, before or as it is stored; absent: not known to be. */
  lossyRatio?: number;
}

export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';

/** Width and height of a picture at most: pixels are decoded whole. */
export const PICTURE_PIXELS_MAX = 50_000_000;
/** Rows and Columns are US. */
export const PICTURE_SIDE_MAX = 0xffff;

/** A frame that is not compressed. */
export function nativeFrame(pixels: TurnedPixels, bits: 8 | 16 = 8): PictureFrame {
  const { height, width, channels, bytes } = pixels;
  return {
    transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN,
    rows: height,
    columns: width,
    samplesPerPixel: channels,
    bits,
    photometricInterpretation: channels === 1 ? 'MONOCHROME2' : 'RGB',
    bytes,
  };
}
