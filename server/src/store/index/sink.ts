import { ContainedTypes } from './containedTypes.ts';
import { NO_MAIN_QUANTITY, type MainQuantity } from './mainQuantity.ts';
import type { IndexRows, Key, RangeRow, StringRow } from './rows.ts';

/** A reference to what the resource contains. */
export interface LocalReference {
  /** The slot that it was met on, by its text. */
  path: string;
  id: string;
}

/** Where a resource's rows are gathered while it is walked; may hold duplicates. */
export interface Sink {
  resource: unknown;
  /** What local references (`#id`) in the resource lead to: in itself, or in what it is contained in. */
  inside: ContainedTypes;
  keys: Key[];
  /** Keys of codes of any system. */
  ordered: Key[];
  quantities: MainQuantity[];
  patient: Key | null;
  dateLoMs: number | null;
  dateHiMs: number | null;
  strings: StringRow[];
  ranges: RangeRow[];
  /** Of a resource by itself; undefined: there are none. */
  local: LocalReference[] | undefined;
}

export function emptySink(resource: unknown, inside = new ContainedTypes(resource)): Sink {
  return {
    resource,
    inside,
    keys: [],
    ordered: [],
    quantities: [],
    patient: null,
    dateLoMs: null,
    dateHiMs: null,
    strings: [],
    ranges: [],
    local: undefined,
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
    ordered: sortedUnique(withPatient(sink)),
    quantity: onlyQuantity(sink.quantities),
  };
}

/** A code's rows, and those of one patient's resources with the code. */
function withPatient({ ordered, patient }: Sink): Key[] {
  return patient === null ? ordered : [...ordered, ...ordered.map((key) => key ^ patient)];
}

/** Of several, none may be told by one number. */
function onlyQuantity([only, ...others]: readonly MainQuantity[]): MainQuantity {
  return only === undefined || others.length > 0 ? NO_MAIN_QUANTITY : only;
}

function sortedUnique(list: readonly Key[]): BigInt64Array {
  const keys = BigInt64Array.from(list).sort();
  let length = Math.min(1, keys.length);
  for (let i = 1; i < keys.length; i++) {
    if (keys[i] !== keys[length - 1]) keys[length++] = keys[i]!;
  }
  return keys.subarray(0, length);
}

function sortedUniqueRows<R>(rows: R[], compare: (a: R, b: R) => number): R[] {
  if (rows.length < 2) return rows;
  rows.sort(compare);
  return rows.filter((row, i) => i === 0 || compare(row, rows[i - 1]!) !== 0);
}

function compareStrings(a: StringRow, b: StringRow): number {
  return compare(a.param, b.param) || compare(a.value, b.value) || compare(a.exact, b.exact);
}

function compareRanges(a: RangeRow, b: RangeRow): number {
  return compare(a.param, b.param) || compare(a.unit, b.unit) || compare(a.lo, b.lo) || compare(a.hi, b.hi);
}

/** Not by subtraction, which makes no number of two infinities. */
function compare<T extends string | number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
