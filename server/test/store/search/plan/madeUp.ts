import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { UNBOUNDED } from '../../../../src/store/search/plan/bounds.ts';
import type { Part, SearchFacts, WalkOrder } from '../../../../src/store/search/plan/facts.ts';
import type { Fraction } from '../../../../src/store/search/plan/fraction.ts';
import type { Shape } from '../../../../src/store/search/plan/plan.ts';
import {
  UNKNOWN_STATISTICS,
  type TypeStatistics,
} from '../../../../src/store/search/statistics/typeStatistics.ts';

export const FEMALE = 1n;
export const COMMON_CODE = 2n;
export const RARE_CODE = 3n;
export const IDENTIFIER = 4n;
export const PATIENT = 5n;
export const FINAL = 6n;
export const DAY_MS = 86_400_000;

/** A million resources, over a hundred days, of 10,000 patients. */
export const MILLION: TypeStatistics = {
  ...UNKNOWN_STATISTICS,
  rows: 1_000_000,
  keys: {
    known: new Map([
      [FEMALE, 0.5],
      [COMMON_CODE, 0.2],
      [RARE_CODE, 0.001],
      [PATIENT, 0.000_1],
      [FINAL, 1],
    ]),
    other: 0.000_001,
  },
  patients: { known: new Map(), other: 0.000_1 },
  dates: { bounds: Array.from({ length: 101 }, (_, day) => day * DAY_MS), missing: 0 },
  lastUpdated: { bounds: Array.from({ length: 101 }, (_, day) => day * DAY_MS), missing: 0 },
};

const condition: Condition = { kind: 'constant', value: true };

/** A condition that holds for those that have one of the keys. */
export function keyed(keys: bigint[], part: Partial<Part> = {}): Part {
  const share = keys.reduce((sum, key) => sum + (MILLION.keys.known.get(key) ?? MILLION.keys.other), 0);
  return { condition, keys, probes: 0, gathers: 0, fraction: { few: share, many: share }, ...part };
}

/** A condition that other tables answer. */
export const guessed = (fraction: Fraction, probes = 2): Part => ({
  condition,
  probes,
  gathers: 0,
  fraction,
});

export function facts(
  parts: Part[],
  order: WalkOrder | undefined,
  more: Partial<SearchFacts> = {},
): SearchFacts {
  const found: SearchFacts = {
    type: 'Observation',
    parts,
    dates: UNBOUNDED,
    endsFrom: -Infinity,
    isDated: false,
    lastUpdated: UNBOUNDED,
    ...more,
  };
  return order === undefined ? found : { ...found, order };
}

export function named(shape: Shape): string {
  if (shape.kind === 'walk')
    return `walk along ${shape.along}${shape.guard === undefined ? '' : ', guarded'}`;
  return `find by ${[shape.by, ...shape.driving].join(' ')}`;
}
