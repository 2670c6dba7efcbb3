import type { Key, RangeRow } from '../../index/rows.ts';
import type { SpanTest } from '../../index/spanTest.ts';
import { NO_UNIT } from '../../index/values/quantity.ts';
import { requireFewAlternatives } from '../conditions/expressions.ts';
import type { Matcher } from './candidate.ts';
import { spanMatcher, type SpanMatcher } from './spanMatcher.ts';

/** The keys hold one of these. */
export function anyKey(keys: readonly Key[]): Matcher {
  if (keys.length === 0) return () => false;
  const [first] = keys;
  if (keys.length === 1) return ({ rows }) => rows.keys.includes(first!);
  const wanted = new Set(keys);
  return ({ rows }) => rows.keys.some((key) => wanted.has(key));
}

/** A string row with one of the params has a value that satisfies the test, and one of the keys `exact`, if given. */
export function anyString(
  params: readonly Key[],
  test: (value: string) => boolean,
  exact?: readonly Key[],
): Matcher {
  const isParam = anyOf(params);
  const asWritten = exact && new Set(exact);
  return ({ rows }) => {
    for (const row of rows.strings) {
      if (isParam(row.param) && test(row.value) && (asWritten?.has(row.exact) ?? true)) return true;
    }
    return false;
  };
}

/**
 * A range row with one of the params satisfies one of the tests.
 *
 * @param unit absent: of rows without a unit; `any`: of all
 */
export function anyRange(
  params: readonly Key[],
  unit: Key | 'any' | undefined,
  tests: readonly SpanTest[],
): Matcher {
  requireFewAlternatives(tests.length);
  const wanted = unit ?? NO_UNIT;
  const matches = anySpan(tests);
  return anyRangeRow(params, (row) => (wanted === 'any' || row.unit === wanted) && matches(row.lo, row.hi));
}

/** A range row with one of the params satisfies a test. */
export function anyRangeRow(params: readonly Key[], test: (row: RangeRow) => boolean): Matcher {
  const isParam = anyOf(params);
  return ({ rows }) => {
    for (const row of rows.ranges) if (isParam(row.param) && test(row)) return true;
    return false;
  };
}

/** The main date satisfies one of the tests. */
export function mainDate(tests: readonly SpanTest[]): Matcher {
  requireFewAlternatives(tests.length);
  const matches = anySpan(tests);
  return ({ rows: { dateLoMs, dateHiMs } }) => dateLoMs !== null && matches(dateLoMs, dateHiMs!);
}

/** Mostly it is one. */
function anyOf(params: readonly Key[]): (param: Key) => boolean {
  const [first] = params;
  if (params.length === 1) return (param) => param === first;
  const wanted = new Set(params);
  return (param) => wanted.has(param);
}

function anySpan(tests: readonly SpanTest[]): SpanMatcher {
  const matchers = tests.map(spanMatcher);
  const [first] = matchers;
  return matchers.length === 1 ? first! : (lo, hi) => matchers.some((matches) => matches(lo, hi));
}
