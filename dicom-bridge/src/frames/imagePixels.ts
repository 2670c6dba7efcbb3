import { ObjectError } from '../objects/objectError.ts';
import type { StoredDataSet, StoredElement } from '../stored/storedDataSet.ts';

/** What the Image Pixel module tells of all frames (PS3.3 section C.7.6.3). */
export interface ImagePixels {
  rows: number;
  columns: number;
  samplesPerPixel: number;
  bitsAllocated: number;
  bitsStored: number;
  highBit: number;
  isSigned: boolean;
  /** Samples of one kind one after the other, instead of pixel by pixel. */
  isPlanar: boolean;
  /** Floating point numbers. */
  isFloat: boolean;
  photometricInterpretation: string;
  frames: number;
}

const PIXEL_DATA = 0x7fe0_0010;
const FLOAT_PIXEL_DATA = 0x7fe0_0008;
const DOUBLE_PIXEL_DATA = 0x7fe0_0009;
const FRAMES_MAX = 1_000_000;

/** Where the pixels are; undefined for an object without any. */
export function pixelElement({ elements }: StoredDataSet): StoredElement | undefined {
  return elements.get(PIXEL_DATA) ?? elements.get(FLOAT_PIXEL_DATA) ?? elements.get(DOUBLE_PIXEL_DATA);
}

/** @throws ObjectError where what is told makes no image */
export function readImagePixels(dataSet: StoredDataSet): ImagePixels {
  const samplesPerPixel = dataSet.number(0x0028_0002) ?? 1;
  const bitsAllocated = dataSet.number(0x0028_0100) ?? 0;
  const bitsStored = dataSet.number(0x0028_0101) ?? bitsAllocated;
  const pixels: ImagePixels = {
    rows: dataSet.number(0x0028_0010) ?? 0,
    columns: dataSet.number(0x0028_0011) ?? 0,
    samplesPerPixel,
    bitsAllocated,
    bitsStored,
    highBit: dataSet.number(0x0028_0102) ?? bitsStored - 1,
    isSigned: dataSet.number(0x0028_0103) === 1,
    isPlanar: dataSet.number(0x0028_0006) === 1,
    isFloat: !dataSet.elements.has(PIXEL_DATA),
    photometricInterpretation: dataSet.text(0x0028_0004) ?? (samplesPerPixel === 1 ? 'MONOCHROME2' : 'RGB'),
    frames: dataSet.number(0x0028_0008) ?? 1,
  };
  requireImage(pixels);
  return pixels;
}

/** Bits of one frame that is not compressed. YBR_FULL_422 has its colours for every other pixel only. */
export function frameBits({
  rows,
  columns,
  samplesPerPixel,
  bitsAllocated,
  photometricInterpretation,
}: ImagePixels): number {
  const samples = photometricInterpretation === 'YBR_FULL_422' ? 2 : samplesPerPixel;
  return rows * columns * samples * bitsAllocated;
}

function requireImage({
  rows,
  columns,
  samplesPerPixel,
  bitsAllocated,
  bitsStored,
  highBit,
  frames,
}: ImagePixels): void {
  const isWhole = (value: number, min: number, max: number) =>
    Number.isInteger(value) && value >= min && value <= max;
  const isImage =
    isWhole(rows, 1, 0xffff) &&
    isWhole(columns, 1, 0xffff) &&
    isWhole(samplesPerPixel, 1, 4) &&
    (bitsAllocated === 1 || (isWhole(bitsAllocated, 8, 64) && bitsAllocated % 8 === 0)) &&
    isWhole(bitsStored, 1, bitsAllocated) &&
    isWhole(highBit, bitsStored - 1, bitsAllocated - 1) &&
    isWhole(frames, 1, FRAMES_MAX);
  if (!isImage) throw new ObjectError('What it tells of its pixels makes no image.');
}
