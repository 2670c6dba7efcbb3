import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Comparison, Condition, Prefix } from '../../../../src/fhir/search/ast.ts';
import type { SearchParameterDefinition } from '../../../../src/fhir/definitions/types.ts';
import { fractionOf, type Guessing } from '../../../../src/store/search/plan/fraction.ts';
import type { TypeStatistics } from '../../../../src/store/search/statistics/typeStatistics.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { COMMON_CODE, DAY_MS, FEMALE, IDENTIFIER, MILLION, RARE_CODE } from './madeUp.ts';

const PATIENTS: TypeStatistics = { ...MILLION, rows: 10_000 };
const PARAM = 50n;

let parameter: SearchParameterDefinition;
beforeAll(async () => {
  parameter = (await r4Definitions()).searchParameter('Observation', 'date')!;
});

/** Conditions of kind `id` stand for those that have a key; the id is the key. */
const guessing: Guessing = {
  statistics: (type) => ({ Observation: MILLION, Patient: PATIENTS })[type],
  keys: (_type, condition) => (condition.kind === 'list' ? condition.ids.map(BigInt) : undefined),
  isMainDate: () => true,
  terms: () => [{ kind: 'all', terms: [{ kind: 'keys', keys: [COMMON_CODE] }, range] }],
};
const range = { kind: 'range' as const, params: [PARAM], test: undefined as never };
const having = (...keys: bigint[]): Condition => ({ kind: 'list', ids: keys.map(String) });
const guess = (condition: Condition, type = 'Observation', from: Guessing = guessing) =>
  fractionOf(from, type, condition);
const rounded = ({ few, many }: { few: number; many: number }) =>
  [few, many].map((n) => Number(n.toPrecision(3)));

describe('the part of a million observations that is thought to satisfy', () => {
  test.each<[string, Condition, [number, number]]>([
    ['a key', having(COMMON_CODE), [0.2, 0.2]],
    ['a key that is nowhere frequent', having(IDENTIFIER), [0.000_001, 0.000_001]],
    ['one of two keys', having(COMMON_CODE, FEMALE), [0.7, 0.7]],
    ['no key at all', having(), [0, 0]],
    ['not a key', { kind: 'not', condition: having(COMMON_CODE) }, [0.8, 0.8]],
    ['both', { kind: 'and', conditions: [having(COMMON_CODE), having(FEMALE)] }, [0.1, 0.1]],
    ['either', { kind: 'or', conditions: [having(COMMON_CODE), having(FEMALE)] }, [0.7, 0.7]],
    ['everything', { kind: 'constant', value: true }, [1, 1]],
    ['nothing', { kind: 'constant', value: false }, [0, 0]],
    ['an id', { kind: 'id', ids: ['a', 'b'] }, [0.000_002, 0.000_002]],
    [
      'a full text',
      { kind: 'full-text', where: 'content', query: { kind: 'words', text: 'x' } },
      [0.000_1, 0.1],
    ],
    // A patient in a thousand has the key; their observations may be five times as many, or as few.
    ['a chain', chain(having(RARE_CODE)), [0.000_2, 0.005]],
  ])('%s', (_name, condition, expected) => {
    expect(rounded(guess(condition))).toEqual(expected);
  });

  function chain(condition: Condition): Condition {
    return { kind: 'chain', parameter: undefined as never, targets: [{ type: 'Patient', condition }] };
  }
});

test('a hundred observations a patient: one in a thousand of them refers to a tenth of the patients at the most', () => {
  const condition: Condition = { kind: 'has', parameter, type: 'Observation', condition: having(RARE_CODE) };
  expect(rounded(guess(condition, 'Patient'))).toEqual([0.019, 0.1]);
});

describe('by the dates of a hundred days', () => {
  const day = (n: number, prefix: Prefix): Comparison => ({
    prefix,
    lo: n * DAY_MS,
    hi: (n + 1) * DAY_MS - 1,
    exact: n * DAY_MS,
  });
  const dated = (comparison: Comparison) => guess({ kind: 'date', parameter, comparisons: [comparison] });

  test.each<[string, Comparison, number]>([
    ['a day', day(50, 'eq'), 0.01],
    ['before a day', day(50, 'lt'), 0.5],
    ['a day or before', day(50, 'le'), 0.51],
    ['a day or later', day(50, 'ge'), 0.5],
    ['later than a day', day(98, 'gt'), 0.02],
    ['before the first', day(0, 'lt'), 0],
  ])('%s', (_name, comparison, part) => {
    const { few, many } = dated(comparison);
    expect(few).toBeCloseTo(part / 2, 3);
    expect(many).toBeGreaterThanOrEqual(Math.min(1, part * 2) - 0.001);
  });

  test('what is newer than the statistics may be as much as a hundredth', () => {
    const { few, many } = dated(day(200, 'ge'));
    expect(few).toBe(0);
    expect(many).toBeCloseTo(0.01, 3);
  });

  test('the same for the time of the last change', () => {
    expect(guess({ kind: 'last-updated', comparisons: [day(50, 'lt')] }).few).toBeCloseTo(0.25, 3);
  });
});

test('a composite: those with the key, of them an unknown part of those with a number', () => {
  const statistics = {
    ...MILLION,
    ranges: { perResource: 2, params: { known: new Map([[PARAM, 0.25]]), other: 0 } },
  };
  const condition: Condition = { kind: 'composite', parameter, values: [[]] };
  const found = guess(condition, 'Observation', { ...guessing, statistics: () => statistics });
  expect(rounded(found)).toEqual([0.002, 0.1]);
});

describe('strings', () => {
  const bounds = Array.from({ length: 101 }, (_, i) => String.fromCharCode(97 + Math.floor(i / 4)) + (i % 4));
  const strings = {
    bounds,
    missing: 0,
    perResource: 4,
    common: { known: new Map([['smith', 0.05]]), other: 0 },
  };
  const of = (value: string) =>
    guess({ kind: 'string', parameter, match: 'starts-with', values: [value] }, 'Observation', {
      ...guessing,
      statistics: () => ({ ...MILLION, strings }),
    });

  test('frequent ones count in full, the others by their place among the rest', () => {
    const smith = of('Smith');
    expect(smith.few).toBeGreaterThan(0.04);
    expect(of('zz').many).toBeLessThan(0.1);
    expect(of('b').few).toBeGreaterThan(of('b2x').few);
    expect(of('s').few).toBeGreaterThan(smith.few);
  });
});

test('nothing is known of a type that has no statistics', () => {
  expect(guess(having(FEMALE), 'Device')).toEqual({ few: 0.000_1, many: 0.1 });
});
