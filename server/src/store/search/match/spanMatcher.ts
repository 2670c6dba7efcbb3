import type { SpanTest } from '../../index/spanTest.ts';

/** Whether a span, both ends included, satisfies a test. */
export type SpanMatcher = (lo: number, hi: number) => boolean;

/** What `spanSql` asks of two columns. */
export function spanMatcher(test: SpanTest): SpanMatcher {
  const { prefix, tolerance, touching } = test;
  // Two numbers that differ by less than the tolerance are equal: what includes equality widens, what excludes it narrows.
  const up = (value: number) => value + slack(value, tolerance);
  const down = (value: number) => value - slack(value, tolerance);
  const [aboveUp, aboveDown] = [up(test.above), down(test.above)];
  const [belowUp, belowDown] = [up(test.below), down(test.below)];
  const from = test.loOpen ? up(test.lo) : down(test.lo);
  const to = test.hiOpen ? down(test.hi) : up(test.hi);
  const fromLo = test.loOpen ? (value: number) => value > from : (value: number) => value >= from;
  const toHi = test.hiOpen ? (value: number) => value < to : (value: number) => value <= to;
  switch (prefix) {
    case 'eq':
      return (lo, hi) => fromLo(lo) && toHi(lo) && toHi(hi);
    case 'ne':
      return (lo, hi) => !fromLo(lo) || !toHi(hi);
    case 'gt':
      return (_lo, hi) => hi > aboveUp;
    case 'lt':
      return (lo) => lo < belowDown;
    case 'ge':
      return touching ? (_lo, hi) => hi >= aboveDown : (lo, hi) => hi > aboveUp || lo >= belowDown;
    case 'le':
      return touching
        ? (lo) => lo <= belowUp
        : (lo, hi) => lo <= aboveUp && (lo < belowDown || hi <= aboveUp);
    case 'sa':
      return (lo) => lo > aboveUp;
    case 'eb':
      return (lo, hi) => lo < belowDown && hi < belowDown;
    case 'ap':
      return (lo, hi) => toHi(lo) && fromLo(hi);
  }
}

/** By how much a number may differ from another that counts as equal. */
export function slack(value: number, tolerance: number): number {
  return tolerance === 0 ? 0 : Math.abs(value) * tolerance;
}
