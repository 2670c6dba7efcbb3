import type { Key, RangeRow } from '../../index/rows.ts';
import type { SpanTest } from '../../index/spanTest.ts';
import { NO_UNIT } from '../../index/values/quantity.ts';
import { requireFewAlternatives } from '../conditions/expressions.ts';
import type { Matcher } from './candidate.ts';
import { spanMatches } from './spanMatches.ts';

/** The keys hold one of these. */
export function anyKey(keys: readonly Key[]): Matcher {
  if (keys.length === 0) return () => false;
  const wanted = new Set(keys);
  return ({ rows }) => rows.keys.some((key) => wanted.has(key));
}

/** A string row with one of the params has a value that satisfies the test, and one of the keys `exact`, if given. */
export function anyString(
  params: readonly Key[],
  test: (value: string) => boolean,
  exact?: readonly Key[],
): Matcher {
  const wanted = new Set(params);
  const asWritten = exact && new Set(exact);
  return ({ rows }) =>
    rows.strings.some(
      (row) => wanted.has(row.param) && test(row.value) && (asWritten?.has(row.exact) ?? true),
    );
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
  const isOfUnit = (row: RangeRow) => unit === 'any' || row.unit === (unit ?? NO_UNIT);
  return anyRangeRow(
    params,
    (row) => isOfUnit(row) && tests.some((test) => spanMatches(test, row.lo, row.hi)),
  );
}

/** A range row with one of the params satisfies a test. */
export function anyRangeRow(params: readonly Key[], test: (row: RangeRow) => boolean): Matcher {
  const wanted = new Set(params);
  return ({ rows }) => rows.ranges.some((row) => wanted.has(row.param) && test(row));
}

/** The main date satisfies one of the tests. */
export function mainDate(tests: readonly SpanTest[]): Matcher {
  requireFewAlternatives(tests.length);
  return ({ rows: { dateLoMs, dateHiMs } }) =>
    dateLoMs !== null && tests.some((test) => spanMatches(test, dateLoMs, dateHiMs!));
}
