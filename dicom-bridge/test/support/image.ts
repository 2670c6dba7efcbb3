import { DX_CLASS, encodeElements, type Element } from './dicomObject.ts';

export interface TestImage {
  sopInstanceUid: string;
  rows: number;
  columns: number;
  samplesPerPixel: number;
  bitsAllocated: number;
  bitsStored: number;
  isSigned: boolean;
  isPlanar: boolean;
  photometricInterpretation: string;
  frames: number;
  /** The value of the pixel data. */
  pixels: Buffer;
  /** Before the pixels, by their tags. */
  others: readonly Element[];
}

/** Of colours, red, green and blue pixel by pixel. */
export const COLOUR: Partial<TestImage> = {
  samplesPerPixel: 3,
  bitsAllocated: 8,
  bitsStored: 8,
  photometricInterpretation: 'RGB',
};

/** The data set of an image, explicit little endian. */
export function imageDataSet(of: Partial<TestImage> = {}): Buffer {
  const image: TestImage = {
    sopInstanceUid: '1.2.3',
    rows: 64,
    columns: 64,
    samplesPerPixel: 1,
    bitsAllocated: 16,
    bitsStored: 12,
    isSigned: false,
    isPlanar: false,
    photometricInterpretation: 'MONOCHROME2',
    frames: 1,
    pixels: ramp(64 * 64),
    others: [],
    ...of,
  };
  const elements: Element[] = [
    [0x0008, 0x0016, 'UI', DX_CLASS],
    [0x0008, 0x0018, 'UI', image.sopInstanceUid],
    [0x0008, 0x0060, 'CS', 'DX'],
    [0x0020, 0x000d, 'UI', '1.2.3.1'],
    [0x0020, 0x000e, 'UI', '1.2.3.2'],
    [0x0028, 0x0002, 'US', image.samplesPerPixel],
    [0x0028, 0x0004, 'CS', image.photometricInterpretation],
    [0x0028, 0x0006, 'US', Number(image.isPlanar)],
    [0x0028, 0x0008, 'IS', String(image.frames)],
    [0x0028, 0x0010, 'US', image.rows],
    [0x0028, 0x0011, 'US', image.columns],
    [0x0028, 0x0100, 'US', image.bitsAllocated],
    [0x0028, 0x0101, 'US', image.bitsStored],
    [0x0028, 0x0102, 'US', image.bitsStored - 1],
    [0x0028, 0x0103, 'US', Number(image.isSigned)],
    ...image.others,
    [0x7fe0, 0x0010, image.bitsAllocated > 8 ? 'OW' : 'OB', image.pixels],
  ];
  return encodeElements(elements.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
}

/** Words that count from 0, modulo 2^12. */
export function ramp(count: number): Buffer {
  const bytes = Buffer.alloc(count * 2);
  for (let at = 0; at < count; at += 1) bytes.writeUInt16LE(at % 4096, at * 2);
  return bytes;
}

const ITEM = 0xe000;
const SEQUENCE_END = 0xe0dd;

function item(element: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(0xfffe, 0);
  head.writeUInt16LE(element, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}

/** An item of a sequence, with a length. */
export const sequenceItem = (...elements: readonly Element[]): Buffer => item(ITEM, encodeElements(elements));

/** The data set with its pixels in fragments instead (PS3.5 section A.4). @param offsets of the Basic Offset Table */
export function encapsulated(
  dataSet: Buffer,
  fragments: readonly Buffer[],
  offsets: readonly number[] = [],
): Buffer {
  const table = Buffer.alloc(offsets.length * 4);
  offsets.forEach((offset, at) => table.writeUInt32LE(offset, at * 4));
  const pixelsAt = dataSet.lastIndexOf(Buffer.from('e07f1000', 'hex'));
  const head = Buffer.from('e07f10004f420000ffffffff', 'hex'); // OB of undefined length
  return Buffer.concat([
    dataSet.subarray(0, pixelsAt),
    head,
    item(ITEM, table),
    ...fragments.map((one) => item(ITEM, one)),
    item(SEQUENCE_END, Buffer.alloc(0)),
  ]);
}
