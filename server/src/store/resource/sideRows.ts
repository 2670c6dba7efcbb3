import { keySignature } from '../index/keySignature.ts';
import type { IndexRows, Key } from '../index/rows.ts';
import { float4Array, float8Array, int4Array, int8Array, textArray } from './binaryArray.ts';

/** The index rows of a batch as parameters of one statement; `...At` says to which write (0-based) a row belongs. */
export interface SideRowParameters {
  /** All keys of all writes, one after the other. */
  keys: Buffer;
  /** Per write: 1-based first and last position in `keys`. */
  keysFrom: Buffer;
  keysTo: Buffer;
  /** Per write: bits of its keys (keySignature). */
  keysA: Buffer;
  keysB: Buffer;
  patient: Buffer;
  dateLo: Buffer;
  dateHi: Buffer;
  orderedAt: number[];
  /** Per write: 1-based first and last position of its ordered rows. */
  orderedFrom: Buffer;
  orderedTo: Buffer;
  orderedKey: Buffer;
  orderedQuantity: Buffer;
  orderedBase: Buffer;
  stringsAt: number[];
  stringsParam: Buffer;
  stringsValue: Buffer;
  stringsExact: Buffer;
  rangesAt: number[];
  rangesParam: Buffer;
  rangesUnit: Buffer;
  rangesLo: Buffer;
  rangesHi: Buffer;
}

/** The writes that rows belong to, as PostgreSQL numbers them. @param positions 0-based */
export const ordinals = (positions: readonly number[]): Buffer =>
  int4Array(positions.map((position) => position + 1));

const NO_KEYS: readonly Key[] = [];

/** Lays the index rows of a batch side by side; an absent entry (a deletion) has none. */
export function sideRowParameters(batch: readonly (IndexRows | undefined)[]): SideRowParameters {
  const keys = ranges(batch.map((rows) => rows?.keys ?? NO_KEYS));
  const signatures = batch.map((rows) => rows && keySignature(rows.keys));
  const ordered = flatten(batch, (rows) => rows.ordered);
  const orderedOf = ranges(batch.map((rows) => rows?.ordered ?? NO_KEYS));
  const quantities = ordered.at.map((position) => batch[position]!.quantity);
  const strings = flatten(batch, (rows) => rows.strings);
  const spans = flatten(batch, (rows) => rows.ranges);
  return {
    keys: int8Array(keys.items),
    keysFrom: int4Array(keys.from),
    keysTo: int4Array(keys.to),
    keysA: int8Array(signatures.map((one) => one?.a ?? null)),
    keysB: int8Array(signatures.map((one) => one?.b ?? null)),
    patient: int8Array(batch.map((rows) => rows?.patient ?? null)),
    dateLo: float8Array(batch.map((rows) => rows?.dateLoMs ?? null)),
    dateHi: float8Array(batch.map((rows) => rows?.dateHiMs ?? null)),
    orderedAt: ordered.at,
    orderedFrom: int4Array(orderedOf.from),
    orderedTo: int4Array(orderedOf.to),
    orderedKey: int8Array(ordered.items),
    orderedQuantity: float4Array(quantities.map(({ written }) => written)),
    orderedBase: float4Array(quantities.map(({ base }) => base)),
    stringsAt: strings.at,
    stringsParam: int8Array(strings.items.map((row) => row.param)),
    stringsValue: textArray(strings.items.map((row) => row.value)),
    stringsExact: int8Array(strings.items.map((row) => row.exact)),
    rangesAt: spans.at,
    rangesParam: int8Array(spans.items.map((row) => row.param)),
    rangesUnit: int8Array(spans.items.map((row) => row.unit)),
    rangesLo: float8Array(spans.items.map((row) => row.lo)),
    rangesHi: float8Array(spans.items.map((row) => row.hi)),
  };
}

function ranges<T>(lists: readonly Iterable<T>[]): { items: T[]; from: number[]; to: number[] } {
  const items: T[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (const list of lists) {
    from.push(items.length + 1);
    for (const item of list) items.push(item);
    to.push(items.length);
  }
  return { items, from, to };
}

function flatten<T>(
  batch: readonly (IndexRows | undefined)[],
  pick: (rows: IndexRows) => Iterable<T>,
): { items: T[]; at: number[] } {
  const items: T[] = [];
  const at: number[] = [];
  batch.forEach((rows, position) => {
    if (rows === undefined) return;
    for (const item of pick(rows)) {
      items.push(item);
      at.push(position);
    }
  });
  return { items, at };
}
