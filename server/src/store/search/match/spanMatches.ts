import type { SpanTest } from '../../index/spanTest.ts';

/** Whether a span, both ends included, satisfies a test: what `spanSql` asks of two columns. */
export function spanMatches(test: SpanTest, lo: number, hi: number): boolean {
  const { prefix, above, below, tolerance, touching } = test;
  // Two numbers that differ by less than the tolerance are equal: what includes equality widens, what excludes it narrows.
  const up = (value: number) => value + slack(value, tolerance);
  const down = (value: number) => value - slack(value, tolerance);
  const fromLo = (value: number) => (test.loOpen ? value > up(test.lo) : value >= down(test.lo));
  const toHi = (value: number) => (test.hiOpen ? value < down(test.hi) : value <= up(test.hi));
  switch (prefix) {
    case 'eq':
      return fromLo(lo) && toHi(lo) && toHi(hi);
    case 'ne':
      return !fromLo(lo) || !toHi(hi);
    case 'gt':
      return hi > up(above);
    case 'lt':
      return lo < down(below);
    case 'ge':
      return touching ? hi >= down(above) : hi > up(above) || lo >= down(below);
    case 'le':
      return touching ? lo <= up(below) : lo <= up(above) && (lo < down(below) || hi <= up(above));
    case 'sa':
      return lo > up(above);
    case 'eb':
      return lo < down(below) && hi < down(below);
    case 'ap':
      return toHi(lo) && fromLo(hi);
  }
}

function slack(value: number, tolerance: number): number {
  return tolerance === 0 ? 0 : Math.abs(value) * tolerance;
}
