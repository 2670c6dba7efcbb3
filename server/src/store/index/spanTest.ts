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
  /** Where "above the value" begins (`gt`, `ge`, `sa`) and "below the value" ends (`lt`, `le`, `eb`). */
  above: number;
  below: number;
  /** Relative difference up to which two numbers count as equal. */
  tolerance: number;
}

/** How far `ap` reaches: a tenth of a number, or of a date's distance to now. */
const APPROXIMATELY_DIVISOR = 10;

/** A date compares as the whole span that its precision makes. */
export function dateTest({ prefix, lo, hi }: Comparison, nowMs: number): SpanTest {
  const test = { prefix, lo, hi, loOpen: false, hiOpen: false, above: hi, below: lo, tolerance: 0 };
  if (prefix !== 'ap') return test;
  const reach = (ms: number) => Math.abs(nowMs - ms) / APPROXIMATELY_DIVISOR;
  return { ...test, lo: lo - reach(lo), hi: hi + reach(hi) };
}

/** A number compares as it is written; its precision counts for `eq`, `ne` and, where it is coarser than a tenth, `ap`. */
export function numberTest({ prefix, lo, hi, exact }: Comparison): SpanTest {
  const test = { prefix, lo, hi, loOpen: false, hiOpen: true, above: exact, below: exact, tolerance: 0 };
  if (prefix !== 'ap') return test;
  const reach = Math.abs(exact) / APPROXIMATELY_DIVISOR;
  return {
    ...test,
    lo: Math.min(lo, exact - reach),
    hi: Math.max(hi, exact + reach),
    hiOpen: hi > exact + reach,
  };
}

/** The spans that have something in common with this one. */
export function overlap(lo: number, hi: number): SpanTest {
  return { prefix: 'ap', lo, hi, loOpen: false, hiOpen: false, above: hi, below: lo, tolerance: 0 };
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
export function convertTest(
  test: SpanTest,
  convert: (value: number) => number,
  falls: boolean,
  tolerance: number,
): SpanTest {
  const [lo, hi, above, below] = [test.lo, test.hi, test.above, test.below].map(convert) as [
    number,
    number,
    number,
    number,
  ];
  if (!falls) return { ...test, lo, hi, above, below, tolerance };
  const prefix = MIRRORED[test.prefix];
  const { loOpen: hiOpen, hiOpen: loOpen } = test;
  return { prefix, lo: hi, hi: lo, loOpen, hiOpen, above: below, below: above, tolerance };
}
