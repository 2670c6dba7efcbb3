import type { Presence } from '../../../../src/store/index/querySlots.ts';
import type { IndexQuery, IndexTerm, QuantityTerm } from '../../../../src/store/index/query.ts';
import type { IndexRows, Key } from '../../../../src/store/index/rows.ts';

export interface Bounds {
  lo: number;
  hi: number;
}

/** What the SQL of a search does with index rows, in JavaScript. */
export function hasAnyKey(rows: IndexRows, keys: readonly Key[]): boolean {
  return keys.some((key) => rows.keys.includes(key));
}

export function hasString(rows: IndexRows, wanted: { params: Key[]; prefix: string }): boolean {
  return rows.strings.some(
    ({ param, value }) => wanted.params.includes(param) && value.startsWith(wanted.prefix),
  );
}

export function isPresent(rows: IndexRows, presence: Presence | 'always'): boolean {
  if (presence === 'always') return true;
  return (
    rows.keys.some((key) => presence.keys.includes(key)) ||
    rows.strings.some(({ param }) => presence.strings.includes(param)) ||
    rows.ranges.some(({ param }) => presence.ranges.includes(param)) ||
    (presence.mainDate && rows.dateLoMs !== null)
  );
}

export function hasExact(rows: IndexRows, wanted: { params: Key[]; folded: string; exact: Key[] }): boolean {
  return rows.strings.some(
    ({ param, value, exact }) =>
      wanted.params.includes(param) && value === wanted.folded && wanted.exact.includes(exact),
  );
}

export function hasRange(rows: IndexRows, wanted: { params: Key[]; unit?: Key } & Bounds): boolean {
  return rows.ranges.some(
    ({ param, unit, lo, hi }) =>
      wanted.params.includes(param) &&
      (wanted.unit === undefined || unit === wanted.unit) &&
      lo <= wanted.hi &&
      hi >= wanted.lo,
  );
}

export function hasQuantity(rows: IndexRows, terms: readonly QuantityTerm[]): boolean {
  return terms.some((term) => hasRange(rows, term) && (!term.alsoKeys || hasAnyKey(rows, term.alsoKeys)));
}

export function hasDate(
  rows: IndexRows,
  query: IndexQuery,
  type: string,
  code: string,
  wanted: Bounds,
): boolean {
  if (!query.isMainDate(type, code))
    return hasRange(rows, { params: query.rangeParams(type, code), ...wanted });
  return meetsMainDate(rows, wanted);
}

export function meets(rows: IndexRows, term: IndexTerm): boolean {
  switch (term.kind) {
    case 'all':
      return term.terms.every((part) => meets(rows, part));
    case 'any':
      return term.terms.some((part) => meets(rows, part));
    case 'keys':
      return hasAnyKey(rows, term.keys);
    case 'strings':
      return hasString(rows, term);
    case 'range':
      return hasQuantity(rows, [term]);
    case 'mainDate':
      return meetsMainDate(rows, term);
    case 'pair':
      return rows.ranges.some(
        ({ param, lo, hi }) =>
          term.params.includes(param) && within(lo, term.first) && within(hi, term.second),
      );
  }
}

function meetsMainDate(rows: IndexRows, wanted: Bounds): boolean {
  return rows.dateLoMs !== null && rows.dateLoMs <= wanted.hi && (rows.dateHiMs ?? NaN) >= wanted.lo;
}

function within(value: number, { lo, hi }: Bounds): boolean {
  return value >= lo && value <= hi;
}
