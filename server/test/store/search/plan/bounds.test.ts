import { expect, test } from '@jest/globals';
import type { Comparison, Prefix } from '../../../../src/fhir/search/ast.ts';
import {
  UNBOUNDED,
  both,
  instantBounds,
  mainDateBounds,
  mainDateEnd,
} from '../../../../src/store/search/plan/bounds.ts';

const comparison = (prefix: Prefix, lo = 10, hi = 19): Comparison => ({ prefix, lo, hi, exact: lo });
const PREFIXES: Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const open = Infinity;

test.each<[Prefix, number, number]>([
  ['eq', 10, 19],
  ['ne', -open, open],
  ['gt', -open, open],
  ['lt', -open, 10],
  ['ge', -open, open],
  ['le', -open, 19],
  ['sa', 19, open],
  ['eb', -open, 10],
  ['ap', -open, open],
])('a period that satisfies %s begins from %d to %d', (prefix, from, to) => {
  expect(mainDateBounds([comparison(prefix)])).toEqual({ from, to });
});

test.each<[Prefix, number]>([
  ['eq', 10],
  ['ne', -open],
  ['gt', 19],
  ['lt', -open],
  ['ge', 10],
  ['le', -open],
  ['sa', 19],
  ['eb', -open],
  ['ap', -open],
])('a period that satisfies %s ends from %d on', (prefix, from) => {
  expect(mainDateEnd([comparison(prefix)])).toBe(from);
});

test.each<[Prefix, number, number]>([
  ['eq', 10, 19],
  ['ne', -open, open],
  ['gt', 19, open],
  ['lt', -open, 10],
  ['ge', 10, open],
  ['le', -open, 19],
  ['sa', 19, open],
  ['eb', -open, 10],
  ['ap', -open, open],
])('a moment that satisfies %s is from %d to %d', (prefix, from, to) => {
  expect(instantBounds([comparison(prefix)])).toEqual({ from, to });
});

test('of alternatives, what holds for each; of conditions, what holds for all', () => {
  expect(mainDateBounds([comparison('eq'), comparison('eq', 40, 49)])).toEqual({ from: 10, to: 49 });
  expect(mainDateBounds([comparison('eq'), comparison('lt', 40, 49)])).toEqual({ from: -open, to: 40 });
  expect(mainDateEnd([comparison('ge'), comparison('gt', 5, 7)])).toBe(7);
  expect(both({ from: 1, to: 5 }, { from: 3, to: open })).toEqual({ from: 3, to: 5 });
  expect(both(UNBOUNDED, { from: 3, to: 4 })).toEqual({ from: 3, to: 4 });
});

/** What the prefixes mean (search.html#prefix), said once more. */
function satisfies(prefix: Prefix, [lo, hi]: [number, number]): boolean {
  const within = lo >= 10 && hi <= 19;
  const rules: Record<Prefix, boolean> = {
    eq: within,
    ne: !within,
    gt: hi > 19,
    lt: lo < 10,
    ge: hi > 19 || lo >= 10,
    le: lo < 10 || hi <= 19,
    sa: lo > 19,
    eb: hi < 10,
    ap: lo <= 22 && hi >= 8,
  };
  return rules[prefix];
}

test('no period that satisfies a comparison is outside of its bounds', () => {
  const ends = [-open, 0, 9, 10, 11, 18, 19, 20, 30, open];
  for (const prefix of PREFIXES) {
    const { from, to } = mainDateBounds([comparison(prefix)]);
    const ending = mainDateEnd([comparison(prefix)]);
    for (const lo of ends) {
      for (const hi of ends.filter((end) => end >= lo)) {
        if (!satisfies(prefix, [lo, hi])) continue;
        expect({ prefix, lo, hi, within: lo >= from && lo <= to && hi >= ending }).toMatchObject({
          within: true,
        });
      }
    }
  }
});
