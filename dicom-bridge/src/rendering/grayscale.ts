import { isTable, type LookupTable, type Presentation, type Window } from './presentation.ts';
import { sampleReader, type RawFrame, type ReadSample } from './samples.ts';

/** A picture of 8 bits: one channel of grays, or red, green and blue pixel by pixel. */
export interface Picture {
  width: number;
  height: number;
  channels: 1 | 3;
  bytes: Uint8Array;
}

type Shade = (value: number) => number;

const WHITE = 255;
/** Up to so many bits, what becomes of each value is computed once. */
const TABLE_BITS_MAX = 16;

/**
 * The grayscale pipeline (PS3.4 section N.2): modality, values of interest, and MONOCHROME1 turned round.
 *
 * @param window instead of that of the object
 */
export function grayPicture(frame: RawFrame, presentation: Presentation, window?: Window): Picture {
  const { rows, columns, bitsStored, photometricInterpretation } = frame.pixels;
  const sample = sampleReader(frame);
  const count = rows * columns;
  const modality = modalityOf(presentation.modality);
  const values = window ?? presentation.values ?? widest(sample, count, modality, presentation.padding);
  const interest = isTable(values) ? tableShade(values) : windowShade(values);
  const isInverted = photometricInterpretation === 'MONOCHROME1';
  const shade: Shade = (stored) => {
    const gray = Math.round(Math.min(1, Math.max(0, interest(modality(stored)))) * WHITE);
    return isInverted ? WHITE - gray : gray;
  };
  const fast = bitsStored <= TABLE_BITS_MAX ? remembered(shade, bitsStored) : shade;
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) bytes[at] = fast(sample(at));
  return { width: columns, height: rows, channels: 1, bytes };
}

function remembered(shade: Shade, bits: number): Shade {
  const size = 2 ** bits;
  const mask = size - 1;
  const table = new Int16Array(size).fill(-1);
  return (stored) => {
    const known = table[stored & mask]!;
    return known >= 0 ? known : (table[stored & mask] = shade(stored));
  };
}

function modalityOf(modality: Presentation['modality']): Shade {
  if (isTable(modality)) return (stored) => entryOf(modality, stored);
  const { slope, intercept } = modality;
  return (stored) => stored * slope + intercept;
}

const tableShade =
  (table: LookupTable): Shade =>
  (value) =>
    entryOf(table, Math.round(value)) / (2 ** table.bits - 1);

/** PS3.3 section C.11.1.1.1: what is below or above the table gets its first or last entry. */
function entryOf({ first, entries }: LookupTable, value: number): number {
  return entries[Math.min(entries.length - 1, Math.max(0, value - first))]!;
}

/** From 0 to 1; beyond that where the value is outside the window (PS3.3 sections C.11.2.1.2 and C.11.2.1.3). */
function windowShade({ center, width, function: name }: Window): Shade {
  if (name === 'sigmoid') return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (name === 'linear-exact') return (value) => (value - center) / width + 0.5;
  if (width === 1) return (value) => (value <= center - 0.5 ? 0 : 1);
  return (value) => (value - (center - 0.5)) / (width - 1) + 0.5;
}

/** From the darkest to the brightest value of the frame. */
function widest(
  sample: ReadSample,
  count: number,
  modality: Shade,
  padding: Presentation['padding'],
): Window {
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < count; at += 1) {
    const stored = sample(at);
    if (padding && stored >= padding.from && stored <= padding.to) continue;
    const value = modality(stored);
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (!(most > least))
    return { center: Number.isFinite(least) ? least : 0, width: 1, function: 'linear-exact' };
  return { center: (least + most) / 2, width: most - least, function: 'linear-exact' };
}
