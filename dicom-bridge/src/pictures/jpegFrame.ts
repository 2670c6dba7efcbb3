import type { Renderer } from '../rendering/renderer.ts';
import { RenderError } from '../rendering/renderer.ts';
import { readJpegFile, type JpegFile } from './jpegFile.ts';
import { PictureError } from './pictureError.ts';
import { JPEG_BASELINE, nativeFrame, type PictureFrame } from './pictureFrame.ts';
import { requireSize } from './requireSize.ts';
import { turned, type TurnedPixels } from './turn.ts';

/**
 * The frame of a JPEG file. It is decoded to know that it can be; it is kept as it came where DICOM takes that, and otherwise decoded: what is progressive, has
 * colours as RGB, or is to be turned.
 *
 * @throws PictureError, RendererBusyError
 */
export async function jpegFrame(file: Buffer, renderer: Pick<Renderer, 'do'>): Promise<PictureFrame> {
  const jpeg = readJpegFile(file);
  requireSize(jpeg);
  const pixels = await decoded(jpeg, renderer);
  const lossyRatio = pixels.bytes.length / jpeg.bytes.length;
  const isKept = jpeg.isBaseline && jpeg.orientation === 1 && (jpeg.channels === 1 || jpeg.isYbr);
  if (!isKept) return { ...nativeFrame(turned(pixels, jpeg.orientation)), lossyRatio };
  const { height: rows, width: columns, channels: samplesPerPixel, bytes } = jpeg;
  const photometricInterpretation = photometricOf(jpeg);
  return {
    ...{ transferSyntaxUid: JPEG_BASELINE, rows, columns, samplesPerPixel, bits: 8 },
    ...{ photometricInterpretation, bytes, lossyRatio },
  };
}

function photometricOf({
  channels,
  isYbr,
  isSubsampled,
}: JpegFile): PictureFrame['photometricInterpretation'] {
  if (channels === 1) return 'MONOCHROME2';
  if (!isYbr) return 'RGB';
  return isSubsampled ? 'YBR_FULL_422' : 'YBR_FULL';
}

async function decoded(jpeg: JpegFile, renderer: Pick<Renderer, 'do'>): Promise<TurnedPixels> {
  const { width, height, channels, bytes } = jpeg;
  const pixels = {
    ...{ rows: height, columns: width, frames: 1, samplesPerPixel: channels },
    ...{ bitsAllocated: 8, bitsStored: 8, highBit: 7, isSigned: false, isPlanar: false, isFloat: false },
    photometricInterpretation: photometricOf(jpeg),
  };
  try {
    const frame = { pixels, transferSyntaxUid: JPEG_BASELINE, bytes };
    return { width, height, channels, bytes: await renderer.do({ kind: 'decode', frame }) };
  } catch (error) {
    if (error instanceof RenderError)
      throw new PictureError('The JPEG file cannot be decoded: it is damaged.');
    throw error;
  }
}
