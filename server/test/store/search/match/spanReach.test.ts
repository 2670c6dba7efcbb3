import { describe, expect, test } from '@jest/globals';
import type { Comparison, Prefix } from '../../../../src/fhir/search/ast.ts';
import {
  convertTest,
  dateTest,
  numberTest,
  overlap,
  type SpanTest,
} from '../../../../src/store/index/spanTest.ts';
import { spanMatcher } from '../../../../src/store/search/match/spanMatcher.ts';
import { reachOf } from '../../../../src/store/search/match/spanReach.ts';

const PREFIXES: Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const NUMBERS = [-Infinity, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 2.5, 3, Infinity];
const SPANS = NUMBERS.flatMap((lo) => NUMBERS.filter((hi) => hi >= lo).map((hi) => ({ lo, hi })));
const comparison = (prefix: Prefix): Comparison => ({ prefix, lo: 0.5, hi: 2, exact: 1 });
const converted = (prefix: Prefix): SpanTest => ({ ...numberTest(comparison(prefix)), tolerance: 0.5 });

describe('the reach of a test', () => {
  test.each<[string, (prefix: Prefix) => SpanTest]>([
    ['a number', (prefix) => numberTest(comparison(prefix))],
    ['a calculated number', converted],
    ['a number on a scale that falls', (prefix) => convertTest(converted(prefix), (value) => -value, true)],
    ['a date', (prefix) => dateTest(comparison(prefix), 0)],
    ['an overlap', () => overlap(0.5, 2)],
  ])('of %s has all spans that satisfy it', (_, make) => {
    for (const prefix of PREFIXES) {
      const [satisfies, reach] = [spanMatcher(make(prefix)), reachOf(make(prefix))];
      for (const { lo, hi } of SPANS) {
        if (!reach || !satisfies(lo, hi)) continue;
        expect({ prefix, lo, hi, isWithin: hi >= reach.from && lo <= reach.to }).toMatchObject({
          isWithin: true,
        });
      }
    }
  });

  test.each<[Prefix, number[]]>([
    ['eq', [0.5, 1, 2]],
    ['gt', [1, 2, 2.5, 3, Infinity]],
    ['lt', [-Infinity, -3, -2, -1, -0.5, 0, 0.5, 1]],
    ['ge', [1, 2, 2.5, 3, Infinity]],
    ['le', [-Infinity, -3, -2, -1, -0.5, 0, 0.5, 1]],
  ])('of %s has few others', (prefix, expected) => {
    const { from, to } = reachOf(numberTest(comparison(prefix)))!;
    expect(NUMBERS.filter((value) => value >= from && value <= to)).toEqual(expected);
  });
});
