import type { SpanTest } from '../../index/spanTest.ts';

/** Two columns that hold a span, both ends included, and how a bound is written for comparing with them. */
export interface SpanColumns {
  lo: string;
  hi: string;
  /** The placeholder of a bound. */
  bound(value: number): string;
}

/**
 * SQL for a span's test (http://hl7.org/fhir/R4/search.html#prefix), parenthesized where it has to be. What follows from
 * it for `lo` is said as well, because indexes begin with that column.
 */
export function spanSql({ lo, hi, bound }: SpanColumns, test: SpanTest): string {
  const { above, below, tolerance } = test;
  // Two numbers that differ by less than the tolerance are equal: what includes equality widens, what excludes it narrows.
  const up = (value: number) => bound(value + slack(value, tolerance));
  const down = (value: number) => bound(value - slack(value, tolerance));
  const fromLo = () => (test.loOpen ? `> ${up(test.lo)}` : `>= ${down(test.lo)}`);
  const toHi = () => (test.hiOpen ? `< ${down(test.hi)}` : `<= ${up(test.hi)}`);
  switch (test.prefix) {
    case 'eq': {
      const end = toHi();
      return `(${lo} ${fromLo()} AND ${lo} ${end} AND ${hi} ${end})`;
    }
    case 'ne':
      return `(NOT ${lo} ${fromLo()} OR NOT ${hi} ${toHi()})`;
    case 'gt':
      return `${hi} > ${up(above)}`;
    case 'lt':
      return `${lo} < ${down(below)}`;
    case 'ge':
      if (test.touching) return `${hi} >= ${down(above)}`;
      return `(${hi} > ${up(above)} OR ${lo} >= ${down(below)})`;
    case 'le': {
      if (test.touching) return `${lo} <= ${up(below)}`;
      const end = up(above);
      return `(${lo} <= ${end} AND (${lo} < ${down(below)} OR ${hi} <= ${end}))`;
    }
    case 'sa':
      return `${lo} > ${up(above)}`;
    case 'eb': {
      const start = down(below);
      return `(${lo} < ${start} AND ${hi} < ${start})`;
    }
    case 'ap':
      return `(${lo} ${toHi()} AND ${hi} ${fromLo()})`;
  }
}

function slack(value: number, tolerance: number): number {
  return tolerance === 0 ? 0 : Math.abs(value) * tolerance;
}
