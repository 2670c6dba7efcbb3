import { ObjectError } from '../objects/objectError.ts';
import { numberReader, type StoredDataSet } from '../stored/storedDataSet.ts';

/** PS3.3 section C.11.2.1.3, as PS3.18 section 8.3.5.1.4 writes them. */
export type WindowFunction = 'linear' | 'linear-exact' | 'sigmoid';

export interface Window {
  center: number;
  width: number;
  function: WindowFunction;
}

/** PS3.3 section C.11.1.1. */
export interface LookupTable {
  /** The value that its first entry is for; lower ones get that too. */
  first: number;
  bits: number;
  entries: Uint16Array;
}

/** What an object tells of how a frame is to be shown. */
export interface Presentation {
  modality: { slope: number; intercept: number } | LookupTable;
  /** Absent: by the values of the frame. */
  values?: Window | LookupTable;
  /** Stored values that stand for no pixel. */
  padding?: { from: number; to: number };
  /** Red, green and blue. */
  palette?: [LookupTable, LookupTable, LookupTable];
}

const SHARED_GROUPS = 0x5200_9229;
const FRAME_GROUPS = 0x5200_9230;
const TRANSFORMATION = 0x0028_9145;
const FRAME_WINDOWS = 0x0028_9132;
const MODALITY_TABLES = 0x0028_3000;
const WINDOW_TABLES = 0x0028_3010;
const PALETTES = [
  [0x0028_1101, 0x0028_1201],
  [0x0028_1102, 0x0028_1202],
  [0x0028_1103, 0x0028_1203],
] as const;

export const isTable = (value: object): value is LookupTable => 'entries' in value;

/** @param frame from 0 @throws ObjectError for tables that are none */
export function readPresentation(dataSet: StoredDataSet, frame: number): Presentation {
  const transformation = groupOf(dataSet, frame, TRANSFORMATION);
  const windows = groupOf(dataSet, frame, FRAME_WINDOWS);
  const values = readWindow(windows) ?? readTable(windows.items(WINDOW_TABLES)[0]);
  const padding = readPadding(dataSet);
  return {
    modality: readTable(transformation.items(MODALITY_TABLES)[0]) ?? {
      slope: transformation.number(0x0028_1053) ?? 1,
      intercept: transformation.number(0x0028_1052) ?? 0,
    },
    ...(values && { values }),
    ...(padding && { padding }),
    ...(dataSet.text(0x0028_0004) === 'PALETTE COLOR' && { palette: readPalette(dataSet) }),
  };
}

/** The data set that has a frame's attributes: a functional group (PS3.3 section C.7.6.16), or the object itself. */
function groupOf(dataSet: StoredDataSet, frame: number, group: number): StoredDataSet {
  const own = dataSet.items(FRAME_GROUPS)[frame]?.items(group)[0];
  return own ?? dataSet.items(SHARED_GROUPS)[0]?.items(group)[0] ?? dataSet;
}

function readWindow(dataSet: StoredDataSet): Window | undefined {
  const [center, width] = [dataSet.number(0x0028_1050), dataSet.number(0x0028_1051)];
  if (center === undefined || width === undefined) return undefined;
  const name = (dataSet.text(0x0028_1056) ?? 'LINEAR').toLowerCase().replace('_', '-');
  const window: Window = { center, width, function: isWindowFunction(name) ? name : 'linear' };
  return isWindow(window) ? window : undefined;
}

export const isWindowFunction = (name: string): name is WindowFunction =>
  name === 'linear' || name === 'linear-exact' || name === 'sigmoid';

/** A linear window is one wide at least, all others are wider than nothing. */
export const isWindow = ({ center, width, function: name }: Window): boolean =>
  Number.isFinite(center) && Number.isFinite(width) && (name === 'linear' ? width >= 1 : width > 0);

function readTable(item: StoredDataSet | undefined): LookupTable | undefined {
  return item && tableOf(item, 0x0028_3002, 0x0028_3006);
}

function readPalette(dataSet: StoredDataSet): [LookupTable, LookupTable, LookupTable] {
  const [red, green, blue] = PALETTES.map(([descriptor, data]) => tableOf(dataSet, descriptor, data));
  if (!red || !green || !blue) throw new ObjectError('It has no palette that can be read.');
  return [red, green, blue];
}

const TABLE_ENTRIES_MAX = 0x1_0000;

function tableOf(dataSet: StoredDataSet, descriptorTag: number, dataTag: number): LookupTable | undefined {
  const [length = 0, first = 0, bits = 0] = dataSet.numbers(descriptorTag);
  const data = dataSet.elements.get(dataTag)?.value;
  if (!data) return undefined;
  const entries = length === 0 ? TABLE_ENTRIES_MAX : length;
  const isOfBytes = data.length < entries * 2;
  const read = isOfBytes ? [...data] : (numberReader('US', dataSet.isLittleEndian)!(data) as number[]);
  if (entries < 0 || bits < 1 || bits > 16 || read.length < entries)
    throw new ObjectError('It has a lookup table that is none.');
  return { first, bits, entries: Uint16Array.from(read.slice(0, entries)) };
}

function readPadding(dataSet: StoredDataSet): { from: number; to: number } | undefined {
  const value = dataSet.number(0x0028_0120);
  if (value === undefined) return undefined;
  const limit = dataSet.number(0x0028_0121) ?? value;
  return { from: Math.min(value, limit), to: Math.max(value, limit) };
}
