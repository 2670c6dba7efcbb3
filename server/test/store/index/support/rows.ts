import type { Presence } from '../../../../src/store/index/querySlots.ts';
import type { IndexQuery, IndexTerm, QuantityTerm } from '../../../../src/store/index/query.ts';
import type { SpanTest } from '../../../../src/store/index/spanTest.ts';
import type { IndexRows, Key } from '../../../../src/store/index/rows.ts';

interface Span {
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

export function hasRange(rows: IndexRows, wanted: { params: Key[]; unit?: Key; test: SpanTest }): boolean {
  return rows.ranges.some(
    ({ param, unit, ...span }) =>
      wanted.params.includes(param) &&
      (wanted.unit === undefined || unit === wanted.unit) &&
      meetsTest(span, wanted.test),
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
  test: SpanTest,
): boolean {
  if (!query.isMainDate(type, code)) return hasRange(rows, { params: query.rangeParams(type, code), test });
  return meetsMainDate(rows, test);
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
      return meetsMainDate(rows, term.test);
    case 'pair':
      return rows.ranges.some(
        ({ param, lo, hi }) =>
          term.params.includes(param) &&
          meetsTest({ lo, hi: lo }, term.first) &&
          meetsTest({ lo: hi, hi }, term.second),
      );
  }
}

function meetsMainDate({ dateLoMs: lo, dateHiMs: hi }: IndexRows, test: SpanTest): boolean {
  return lo !== null && hi !== null && meetsTest({ lo, hi }, test);
}

/** The prefixes that these tests ask with; the others are tested on SQL. */
function meetsTest({ lo, hi }: Span, test: SpanTest): boolean {
  if (test.prefix !== 'ap') throw new Error(`not tested here: ${test.prefix}`);
  return lo <= test.hi + slack(test.hi, test) && hi >= test.lo - slack(test.lo, test);
}

function slack(bound: number, { tolerance }: SpanTest): number {
  return Number.isFinite(bound) ? Math.abs(bound) * tolerance : 0;
}
