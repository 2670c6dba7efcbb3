import { isTable, type LookupTable, type Presentation, type Window } from './presentation.ts';
import { cellReader, sampleOfCell, type RawFrame, type ReadSample } from './samples.ts';

/** A picture of 8 bits: one channel of grays, or red, green and blue pixel by pixel. */
export interface Picture {
  width: number;
  height: number;
  channels: 1 | 3;
  bytes: Uint8Array;
}

type Shade = (value: number) => number;

const WHITE = 255;
/** Of cells with so many bits, there are few enough different ones to shade each of them once. */
const TABLE_BITS_MAX = 16;

/**
 * The grayscale pipeline (PS3.4 section N.2): modality, values of interest, and MONOCHROME1 turned round.
 *
 * @param window instead of that of the object
 * @throws NotShownError for samples that are not shown
 */
export function grayPicture(
  { pixels, bytes: cells }: RawFrame,
  presentation: Presentation,
  window?: Window,
): Picture {
  const { rows, columns, bitsAllocated, photometricInterpretation } = pixels;
  const count = rows * columns;
  const cell = cellReader(cells, bitsAllocated);
  const sample = sampleOfCell(pixels);
  const modality = modalityOf(presentation.modality);
  const values =
    window ??
    presentation.values ??
    widest(distinct(cell, count, bitsAllocated), sample, modality, presentation.padding);
  const interest = isTable(values) ? tableShade(values) : windowShade(values);
  const isInverted = photometricInterpretation === 'MONOCHROME1';
  const shade: Shade = (held) => {
    const gray = Math.round(Math.min(1, Math.max(0, interest(modality(sample(held))))) * WHITE);
    return isInverted ? WHITE - gray : gray;
  };
  const shaded = bitsAllocated <= TABLE_BITS_MAX ? remembered(shade, bitsAllocated) : shade;
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) bytes[at] = shaded(cell(at));
  return { width: columns, height: rows, channels: 1, bytes };
}

function remembered(shade: Shade, bits: number): Shade {
  const table = new Int16Array(2 ** bits).fill(-1);
  return (held) => {
    const known = table[held]!;
    return known >= 0 ? known : (table[held] = shade(held));
  };
}

/** What cells hold, each once where there are few. Others come one by one: an array of as many takes more than a thread may have, and the process ends with it. */
function distinct(cell: ReadSample, count: number, bits: number): Iterable<number> {
  if (bits > TABLE_BITS_MAX) return each(cell, count);
  const isHeld = new Uint8Array(2 ** bits);
  for (let at = 0; at < count; at += 1) isHeld[cell(at)] = 1;
  return [...isHeld.keys()].filter((held) => isHeld[held]);
}

function* each(cell: ReadSample, count: number): Generator<number> {
  for (let at = 0; at < count; at += 1) yield cell(at);
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
  held: Iterable<number>,
  sample: Shade,
  modality: Shade,
  padding: Presentation['padding'],
): Window {
  let [least, most] = [Infinity, -Infinity];
  for (const one of held) {
    const stored = sample(one);
    if (padding && stored >= padding.from && stored <= padding.to) continue;
    const value = modality(stored);
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (!(most > least))
    return { center: Number.isFinite(least) ? least : 0, width: 1, function: 'linear-exact' };
  return { center: (least + most) / 2, width: most - least, function: 'linear-exact' };
}
