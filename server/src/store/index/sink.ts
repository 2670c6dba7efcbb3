import type { IndexRows, Key, RangeRow, StringRow } from './rows.ts';

/** Where a resource's rows are gathered while it is walked; may hold duplicates. */
export interface Sink {
  resource: unknown;
  keys: Key[];
  ordered: Key[];
  patient: Key | null;
  dateLoMs: number | null;
  dateHiMs: number | null;
  strings: StringRow[];
  ranges: RangeRow[];
}

export function emptySink(resource: unknown): Sink {
  return {
    resource,
    keys: [],
    ordered: [],
    patient: null,
    dateLoMs: null,
    dateHiMs: null,
    strings: [],
    ranges: [],
  };
}

/** The rows in a fixed order, so that those of equal resources are equal. */
export function rowsOf(sink: Sink): IndexRows {
  return {
    keys: sortedUnique(sink.keys),
    patient: sink.patient,
    dateLoMs: sink.dateLoMs,
    dateHiMs: sink.dateHiMs,
    strings: sortedUniqueRows(sink.strings, compareStrings),
    ranges: sortedUniqueRows(sink.ranges, compareRanges),
    ordered: sortedUnique(sink.ordered),
  };
}

/** Sorted as texts. */
function sortedUnique(keys: Key[]): Key[] {
  if (keys.length < 2) return keys;
  keys.sort();
  let length = 1;
  for (let i = 1; i < keys.length; i++) {
    if (keys[i] !== keys[length - 1]) keys[length++] = keys[i]!;
  }
  keys.length = length;
  return keys;
}

function sortedUniqueRows<R>(rows: R[], compare: (a: R, b: R) => number): R[] {
  if (rows.length < 2) return rows;
  rows.sort(compare);
  return rows.filter((row, i) => i === 0 || compare(row, rows[i - 1]!) !== 0);
}

function compareStrings(a: StringRow, b: StringRow): number {
  return compareTexts(a.param, b.param) || compareTexts(a.value, b.value) || compareTexts(a.exact, b.exact);
}

function compareRanges(a: RangeRow, b: RangeRow): number {
  return (
    compareTexts(a.param, b.param) ||
    compareTexts(a.unit, b.unit) ||
    compareNumbers(a.lo, b.lo) ||
    compareNumbers(a.hi, b.hi)
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Not by subtraction, which makes no number of two infinities. */
function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
