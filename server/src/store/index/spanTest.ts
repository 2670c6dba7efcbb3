import type { Comparison, Prefix } from '../../fhir/search/ast.ts';

/**
 * How the span `lo..hi` of an index row, both ends included, is compared with a value
 * (http://hl7.org/fhir/R4/search.html#prefix), in the row's unit: milliseconds since 1970 UTC, or a number.
 */
export interface SpanTest {
  prefix: Prefix;
  /** The span of the value: what `eq`, `ne` and `ap` compare with. An open end does not belong to it. */
  lo: number;
  hi: number;
  loOpen: boolean;
  hiOpen: boolean;
  /** After this begins what is above the value (`gt`, `ge`, `sa`), before it what is below (`lt`, `le`, `eb`). */
  above: number;
  below: number;
  /** Whether `ge` and `le` hold where a span just touches the value: numbers. A date must be wholly within it. */
  touching: boolean;
  /** Relative difference up to which two numbers count as equal. */
  tolerance: number;
}

/** How far `ap` reaches: a tenth of a number, or of a date's distance to now. */
const APPROXIMATELY_DIVISOR = 10;

/**
 * Relative difference up to which two numbers count as equal that were calculated: 5.4 mg and 0.0054 g, brought to one unit,
 * differ in their last binary digit. Far above such differences, far below any precision.
 */
export const CONVERSION_TOLERANCE = 1e-12;

const EXACT = { loOpen: false, hiOpen: false, touching: false, tolerance: 0 } as const;

/** A date compares as the whole span that its precision makes. */
export function dateTest({ prefix, lo, hi }: Comparison, nowMs: number): SpanTest {
  const reach = prefix === 'ap' ? Math.abs(nowMs - lo) / APPROXIMATELY_DIVISOR : 0;
  return { ...EXACT, prefix, lo: lo - reach, hi: hi + reach, above: hi, below: lo };
}

/** A number compares as it is written; its precision counts for `eq` and `ne` only. */
export function numberTest({ prefix, lo, hi, exact }: Comparison): SpanTest {
  const test = { ...EXACT, prefix, above: exact, below: exact, touching: true };
  if (prefix !== 'ap') return { ...test, lo, hi, hiOpen: true };
  const reach = Math.abs(exact) / APPROXIMATELY_DIVISOR;
  return { ...test, lo: exact - reach, hi: exact + reach, tolerance: CONVERSION_TOLERANCE };
}

/** The spans that have something in common with this one. */
export function overlap(lo: number, hi: number): SpanTest {
  return { ...EXACT, prefix: 'ap', lo, hi, above: hi, below: lo };
}

const MIRRORED: Readonly<Record<Prefix, Prefix>> = {
  eq: 'eq',
  ne: 'ne',
  gt: 'lt',
  lt: 'gt',
  ge: 'le',
  le: 'ge',
  sa: 'eb',
  eb: 'sa',
  ap: 'ap',
};

/**
 * The same test on another scale.
 *
 * @param convert a function that only rises, or only falls: then what was above is below (acidity and pH)
 */
export function convertTest(test: SpanTest, convert: (value: number) => number, falls: boolean): SpanTest {
  const [lo, hi, above, below] = [
    convert(test.lo),
    convert(test.hi),
    convert(test.above),
    convert(test.below),
  ];
  const converted = { ...test, lo, hi, above, below, tolerance: CONVERSION_TOLERANCE };
  if (!falls) return withEqualNumbers(converted);
  const { loOpen: hiOpen, hiOpen: loOpen } = test;
  return withEqualNumbers({
    ...converted,
    prefix: MIRRORED[test.prefix],
    lo: hi,
    hi: lo,
    loOpen,
    hiOpen,
    above: below,
    below: above,
  });
}

/**
 * The span goes on to where numbers no longer count as equal to the one asked for: one that is written with more digits than
 * that (5.40000000000) would else be outside of its own open end.
 */
function withEqualNumbers(test: SpanTest): SpanTest {
  const reach = (value: number) => 2 * Math.abs(value) * test.tolerance;
  const { lo, hi, loOpen, hiOpen, above, below } = test;
  return {
    ...test,
    lo: loOpen ? Math.min(lo, below - reach(below)) : lo,
    hi: hiOpen ? Math.max(hi, above + reach(above)) : hi,
  };
}
