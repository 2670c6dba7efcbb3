import type { Key } from '../../index/rows.ts';

/** What PostgreSQL's ANALYZE knows about the resources of a type, and what is assumed where it knows nothing. */
export interface TypeStatistics {
  /** Resources, deleted ones included. */
  rows: number;
  /** The tables have grown so much since ANALYZE that it should run again. */
  isOutdated: boolean;
  /** Part of the resources that have a key. */
  keys: Frequencies<Key>;
  /** Part of the resources that belong to a patient. */
  patients: Frequencies<Key>;
  /** Beginning of the main date, milliseconds since 1970 UTC. */
  dates: Histogram<number>;
  /** Part of the resources whose main date is longer than a day. */
  longDates: number;
  lastUpdated: Histogram<number>;
  /** Values of string rows, of all parameters. */
  strings: StringStatistics;
  /** Range rows by their parameter. */
  ranges: { perResource: number; params: Frequencies<Key> };
}

export interface StringStatistics extends Histogram<string> {
  /** String rows of one resource. */
  perResource: number;
  common: Frequencies<string>;
}

export interface Frequencies<Value> {
  known: ReadonlyMap<Value, number>;
  /** Of a value that is not among the known ones. */
  other: number;
}

/** Where a column's values lie, apart from the most frequent ones: as many between any two neighbouring bounds. */
export interface Histogram<Value> {
  bounds: readonly Value[];
  /** Part of the rows that have no value. */
  missing: number;
}

/** Part of rows with a value that nothing is known about: what PostgreSQL assumes, too. */
export const UNKNOWN_FREQUENCY = 0.005;

/** What is assumed of a type while nothing is known. */
export const UNKNOWN_STATISTICS: TypeStatistics = {
  rows: 1,
  isOutdated: false,
  keys: { known: new Map(), other: UNKNOWN_FREQUENCY },
  patients: { known: new Map(), other: UNKNOWN_FREQUENCY },
  dates: { bounds: [], missing: 0 },
  longDates: 0,
  lastUpdated: { bounds: [], missing: 0 },
  strings: { bounds: [], missing: 0, perResource: 1, common: { known: new Map(), other: 0 } },
  ranges: { perResource: 1, params: { known: new Map(), other: UNKNOWN_FREQUENCY } },
};

export function frequency<Value>({ known, other }: Frequencies<Value>, value: Value): number {
  return known.get(value) ?? other;
}

/** Part of the resources that have one of the keys. */
export function keysFrequency(statistics: TypeStatistics, keys: readonly Key[]): number {
  let sum = 0;
  for (const key of keys) sum += frequency(statistics.keys, key);
  return Math.min(1, sum);
}

/** Part of the rows with a value from `lo` to `hi`, taken as spread evenly between two bounds. */
export function fractionBetween({ bounds, missing }: Histogram<number>, lo: number, hi: number): number {
  if (bounds.length < 2) return (1 - missing) * (lo === -Infinity && hi === Infinity ? 1 : UNKNOWN_FREQUENCY);
  return (1 - missing) * Math.max(0, rank(bounds, hi) - rank(bounds, lo));
}

/** Part of the rows below a value. */
function rank(bounds: readonly number[], value: number): number {
  const above = position(bounds, value);
  if (above === 0) return 0;
  const last = bounds.length - 1;
  if (above > last) return 1;
  const [from, to] = [bounds[above - 1]!, bounds[above]!];
  if (value === to) return above / last;
  const within = Number.isFinite(to - from) ? (value - from) / (to - from) : 0.5;
  return (above - 1 + within) / last;
}

/** Number of bounds that are less than a value. */
function position<Value>(bounds: readonly Value[], value: Value): number {
  let from = 0;
  let to = bounds.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (bounds[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Part of the resources that have a range row of one of the parameters, at the most. */
export function rangesFraction({ ranges }: TypeStatistics, params: readonly Key[]): number {
  let part = 0;
  for (const param of params) part += frequency(ranges.params, param);
  return Math.min(1, part * ranges.perResource);
}

/** Greatest character, which ends the span of all texts with a beginning in common. */
const LAST_CHARACTER = '\u{10ffff}';

/** Part of the resources that have a string with this beginning, at the most. */
export function prefixFraction({ strings }: TypeStatistics, prefix: string): number {
  const end = prefix + LAST_CHARACTER;
  let part = strings.bounds.length < 2 ? UNKNOWN_FREQUENCY : 0;
  for (const [value, fraction] of strings.common.known) if (value.startsWith(prefix)) part += fraction;
  if (strings.bounds.length >= 2) {
    const rare = 1 - [...strings.common.known.values()].reduce((sum, fraction) => sum + fraction, 0);
    const buckets = position(strings.bounds, end) - position(strings.bounds, prefix);
    // A beginning between two bounds is in one bucket, of which it is taken to be a tenth.
    part += (Math.max(0, rare) * Math.max(0.1, buckets)) / strings.bounds.length;
  }
  return Math.min(1, part * strings.perResource);
}
