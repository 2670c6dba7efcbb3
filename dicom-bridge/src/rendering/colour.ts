import type { Picture } from './grayscale.ts';
import { NotShownError } from './notShown.ts';
import type { LookupTable } from './presentation.ts';
import { sampleReader, type RawFrame } from './samples.ts';

const SAMPLES = 3;
const MIDDLE = 128;
const BYTE_BITS = 8;

/** A frame of colours (PS3.3 section C.7.6.3.1.2). @throws NotShownError for those that are not shown */
export function colourPicture(frame: RawFrame): Picture {
  const { pixels } = frame;
  switch (pixels.photometricInterpretation) {
    case 'RGB':
    case 'YBR_RCT': // what JPEG 2000 makes of these two is RGB when it is decoded
    case 'YBR_ICT':
      return interleaved(frame);
    case 'YBR_FULL':
      return rgbOfYbr(interleaved(frame));
    case 'YBR_FULL_422':
      return rgbOfYbr(spread(frame));
    default:
      throw new NotShownError('Its photometric interpretation is not shown.');
  }
}

/** A frame of numbers of colours. */
export function palettePicture(frame: RawFrame, palette: readonly LookupTable[]): Picture {
  const { rows, columns } = frame.pixels;
  const sample = sampleReader(frame);
  const bytes = new Uint8Array(rows * columns * SAMPLES);
  for (let at = 0; at < rows * columns; at += 1) {
    const number = sample(at);
    palette.forEach(({ first, bits, entries }, channel) => {
      const entry = entries[Math.min(entries.length - 1, Math.max(0, number - first))]!;
      bytes[at * SAMPLES + channel] = toByte(entry, bits);
    });
  }
  return { width: columns, height: rows, channels: SAMPLES, bytes };
}

function interleaved(frame: RawFrame): Picture {
  const { rows, columns, isPlanar, bitsStored, samplesPerPixel } = frame.pixels;
  if (samplesPerPixel !== SAMPLES) throw new NotShownError('It has not three samples for a colour.');
  const sample = sampleReader(frame);
  const count = rows * columns;
  const bytes = new Uint8Array(count * SAMPLES);
  for (let at = 0; at < count; at += 1)
    for (let channel = 0; channel < SAMPLES; channel += 1)
      bytes[at * SAMPLES + channel] = toByte(
        sample(isPlanar ? channel * count + at : at * SAMPLES + channel),
        bitsStored,
      );
  return { width: columns, height: rows, channels: SAMPLES, bytes };
}

/** Two pixels share their colours: Y1 Y2 Cb Cr. */
function spread(frame: RawFrame): Picture {
  const { rows, columns, bitsStored } = frame.pixels;
  const sample = sampleReader(frame);
  const bytes = new Uint8Array(rows * columns * SAMPLES);
  for (let at = 0; at < rows * columns; at += 1) {
    const pair = (at >> 1) * 4;
    bytes[at * SAMPLES] = toByte(sample(pair + (at & 1)), bitsStored);
    bytes[at * SAMPLES + 1] = toByte(sample(pair + 2), bitsStored);
    bytes[at * SAMPLES + 2] = toByte(sample(pair + 3), bitsStored);
  }
  return { width: columns, height: rows, channels: SAMPLES, bytes };
}

/** In place. */
function rgbOfYbr(picture: Picture): Picture {
  const bytes = new Uint8ClampedArray(picture.bytes.buffer);
  for (let at = 0; at < bytes.length; at += SAMPLES) {
    const [luminance, blue, red] = [bytes[at]!, bytes[at + 1]! - MIDDLE, bytes[at + 2]! - MIDDLE];
    bytes[at] = luminance + 1.402 * red;
    bytes[at + 1] = luminance - 0.344136 * blue - 0.714136 * red;
    bytes[at + 2] = luminance + 1.772 * blue;
  }
  return picture;
}

const toByte = (value: number, bits: number): number =>
  bits > BYTE_BITS
    ? value >>> (bits - BYTE_BITS)
    : bits === BYTE_BITS
      ? value
      : Math.round((value * 255) / (2 ** bits - 1));
