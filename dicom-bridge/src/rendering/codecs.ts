import dcmjsCodecs, { type Context as CodecContext } from 'dcmjs-codecs';
import type { ImagePixels } from '../frames/imagePixels.ts';
import { codingOf, EXPLICIT_LITTLE_ENDIAN, type PixelCoding } from '../stored/transferSyntax.ts';
import { codestreamSize } from './codestream.ts';
import type { Picture } from './grayscale.ts';
import { NotShownError } from './notShown.ts';
import type { RawFrame } from './samples.ts';

const { Context, NativeCodecs, log } = dcmjsCodecs;

/** What codecs are told of an image. */
type CodecPixels = Omit<ImagePixels, 'frames' | 'highBit' | 'isFloat'>;
type Decode = (context: CodecContext) => CodecContext;

const DECODERS: Partial<Record<PixelCoding, Decode>> = {
  rle: (context) => NativeCodecs.decodeRle(context),
  jpeg: (context) => NativeCodecs.decodeJpeg(context, { convertColorspaceToRgb: true }),
  'jpeg-ls': (context) => NativeCodecs.decodeJpegLs(context),
  jpeg2000: (context) => NativeCodecs.decodeJpeg2000(context),
  htj2k: (context) => NativeCodecs.decodeHtJpeg2000(context),
  'jpeg-xl': (context) => NativeCodecs.decodeJpegXl(context),
};
/** Those whose codestream tells its size where it is looked for. */
const SIZED: ReadonlySet<PixelCoding> = new Set<PixelCoding>(['jpeg', 'jpeg-ls', 'jpeg2000', 'htj2k']);
const JPEG_QUALITY = 90;

export const canDecode = (transferSyntaxUid: string): boolean =>
  transferSyntaxUid === EXPLICIT_LITTLE_ENDIAN || DECODERS[codingOf(transferSyntaxUid)] !== undefined;

/** Loads the decoders, or anew those that have failed. They say what is wrong by what they throw, not in a log. */
export async function loadCodecs(): Promise<void> {
  log.setLevel('silent');
  await NativeCodecs.initializeAsync();
}

/**
 * Decompresses a frame. Colours of JPEG become RGB.
 *
 * @throws Error in the decoder's words; NotShownError where the frame is not what the object tells of it
 */
export function decoded(bytes: Uint8Array, pixels: ImagePixels, transferSyntaxUid: string): RawFrame {
  if (transferSyntaxUid === EXPLICIT_LITTLE_ENDIAN) return { pixels, bytes };
  const coding = codingOf(transferSyntaxUid);
  const decode = DECODERS[coding];
  if (!decode) throw new NotShownError('Its transfer syntax is not decoded.');
  const { rows, columns } = pixels;
  if (SIZED.has(coding)) {
    const size = codestreamSize(bytes);
    if (size?.width !== columns || size.height !== rows)
      throw new NotShownError('Its frame has another size than it tells.');
  }
  const context = decode(contextOf(pixels, { encodedBuffer: bytes }));
  return requireWhole({ pixels: decodedPixels(pixels, context), bytes: context.getDecodedBuffer()! });
}

function decodedPixels(pixels: ImagePixels, context: CodecContext): ImagePixels {
  const bitsStored = context.getBitsStored()!;
  return {
    ...pixels,
    bitsAllocated: context.getBitsAllocated()!,
    bitsStored,
    highBit: bitsStored - 1,
    isPlanar: context.getPlanarConfiguration() === 1,
    photometricInterpretation: context.getPhotometricInterpretation() ?? pixels.photometricInterpretation,
  };
}

function requireWhole(frame: RawFrame): RawFrame {
  const { rows, columns, samplesPerPixel, bitsAllocated } = frame.pixels;
  if (frame.bytes.length * 8 < rows * columns * samplesPerPixel * bitsAllocated)
    throw new NotShownError('Its frame has fewer pixels than it tells.');
  return frame;
}

/** @param quality 1 to 100 */
export function encodeJpeg({ width, height, channels, bytes }: Picture, quality = JPEG_QUALITY): Uint8Array {
  const pixels: CodecPixels = {
    rows: height,
    columns: width,
    samplesPerPixel: channels,
    bitsAllocated: 8,
    bitsStored: 8,
    isSigned: false,
    isPlanar: false,
    photometricInterpretation: channels === 1 ? 'MONOCHROME2' : 'RGB',
  };
  const context = NativeCodecs.encodeJpeg(contextOf(pixels, { decodedBuffer: bytes }), {
    lossy: true,
    quality,
  });
  return context.getEncodedBuffer()!;
}

function contextOf(
  pixels: CodecPixels,
  buffers: { encodedBuffer?: Uint8Array; decodedBuffer?: Uint8Array },
): CodecContext {
  return new Context({
    width: pixels.columns,
    height: pixels.rows,
    bitsAllocated: pixels.bitsAllocated,
    bitsStored: pixels.bitsStored,
    samplesPerPixel: pixels.samplesPerPixel,
    pixelRepresentation: pixels.isSigned ? 1 : 0,
    planarConfiguration: pixels.isPlanar ? 1 : 0,
    photometricInterpretation: pixels.photometricInterpretation,
    ...buffers,
  });
}
