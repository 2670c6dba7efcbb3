import type { SpanTest } from '../../index/spanTest.ts';
import { slack } from './spanMatcher.ts';

/** Spans `lo..hi` with `hi >= from` and `lo <= to`: those that satisfy a test are among them. */
export interface Reach {
  from: number;
  to: number;
}

/** Where the spans are that {@link spanMatcher} accepts; undefined: anywhere. */
export function reachOf(test: SpanTest): Reach | undefined {
  const { tolerance, lo, hi, above, below } = test;
  const up = (value: number) => value + slack(value, tolerance);
  const down = (value: number) => value - slack(value, tolerance);
  switch (test.prefix) {
    case 'eq':
    case 'ap':
      return { from: down(lo), to: up(hi) };
    case 'ne':
      return undefined;
    case 'gt':
    case 'sa':
      return { from: up(above), to: Infinity };
    case 'lt':
    case 'eb':
      return { from: -Infinity, to: down(below) };
    case 'ge':
      return { from: Math.min(down(above), down(below)), to: Infinity };
    case 'le':
      return { from: -Infinity, to: Math.max(up(above), up(below)) };
  }
}
