import { describe, expect, test } from '@jest/globals';
import { MERGED_KEYS_MAX, choosePlan, type SortEffort } from '../../../../src/store/search/plan/choose.ts';
import type { SearchFacts, WalkOrder } from '../../../../src/store/search/plan/facts.ts';
import { UNKNOWN_STATISTICS } from '../../../../src/store/search/statistics/typeStatistics.ts';
import {
  COMMON_CODE,
  DAY_MS,
  FEMALE,
  FINAL,
  IDENTIFIER,
  MILLION,
  PATIENT,
  RARE_CODE,
  facts,
  guessed,
  keyed,
  named,
} from './madeUp.ts';

const WANTED = 21;
const unsorted: WalkOrder = { by: 'row' };
const newest: WalkOrder = { by: 'main-date', descending: true };
const changed: WalkOrder = { by: 'last-updated', descending: true };
const byName: WalkOrder = { by: 'strings', param: 9n, descending: false };
const patient = () => keyed([PATIENT], { patient: 77n });
const ordered = (...keys: bigint[]) => ({ ordered: { keys, isExact: true } });
const code = (key: bigint) => keyed([key], ordered(key));

const shapeOf = (asked: SearchFacts, wanted = WANTED, effort: SortEffort = 'columns', statistics = MILLION) =>
  named(choosePlan(asked, statistics, wanted, effort).shape);

describe('the shape of a search over a million resources', () => {
  test.each<[string, SearchFacts, string]>([
    ['everything', facts([], unsorted), 'walk along row'],
    ['everything, newest first', facts([], newest), 'walk along main-date'],
    ['everything, by name', facts([], byName), 'walk along strings'],
    ['everything, last changed first', facts([], changed), 'walk along last-updated'],
    [
      'an id',
      facts([{ ...guessed({ few: 1e-6, many: 1e-6 }, 0), condition: { kind: 'id', ids: ['x'] } }], unsorted),
      'find by ids 0',
    ],
    ['an identifier', facts([keyed([IDENTIFIER])], unsorted), 'find by keys 0'],
    ['an identifier, newest first', facts([keyed([IDENTIFIER])], newest), 'find by keys 0'],
    ['a frequent key', facts([keyed([FEMALE])], unsorted), 'walk along row'],
    ['a frequent key, newest first', facts([keyed([FEMALE])], newest), 'walk along main-date'],
    ['a frequent key, last changed first', facts([keyed([FINAL])], changed), 'walk along last-updated'],
    ['a frequent key, by name', facts([keyed([FEMALE])], byName), 'walk along strings'],
    ['a rare key, newest first', facts([keyed([RARE_CODE])], newest), 'find by keys 0'],
    ['a rare key, last changed first', facts([keyed([RARE_CODE])], changed), 'find by keys 0'],
    ['a common code, newest first', facts([code(COMMON_CODE)], newest), 'walk along ordered'],
    ['a rare code, newest first', facts([code(RARE_CODE)], newest), 'walk along ordered'],
    ['a rare code', facts([code(RARE_CODE)], unsorted), 'find by keys 0'],
    ['a patient', facts([patient()], unsorted), 'find by patient 0'],
    ['a patient, newest first', facts([patient()], newest), 'walk along patient'],
    [
      'a patient and a common code, newest first',
      facts([patient(), code(COMMON_CODE)], newest),
      'walk along patient-ordered',
    ],
    [
      'a patient and a rare code, newest first',
      facts([code(RARE_CODE), patient()], newest),
      'walk along patient-ordered',
    ],
    ['a patient and an identifier', facts([patient(), keyed([IDENTIFIER])], newest), 'find by keys 1'],
    [
      'two codes, newest first',
      facts([keyed([COMMON_CODE, RARE_CODE], ordered(2n, 3n))], newest),
      'walk along ordered',
    ],
    ['no order that a table is in', facts([keyed([RARE_CODE])], undefined), 'find by keys 0'],
    ['no order that a table is in, nothing selective', facts([keyed([FINAL])], undefined), 'find by keys 0'],
    [
      'a name that few have, newest first',
      facts([guessed({ few: 0, many: 0.000_1 })], newest),
      'find by planner',
    ],
    ['a name that many have', facts([guessed({ few: 0.1, many: 0.5 })], unsorted), 'walk along row'],
    [
      'what nothing is known about',
      facts([guessed({ few: 0.000_1, many: 0.1 })], unsorted),
      'find by planner',
    ],
    ['nothing', facts([keyed([])], newest), 'find by keys 0'],
  ])('%s', (_name, asked, shape) => {
    expect(shapeOf(asked).replace(', guarded', '')).toBe(shape);
  });

  test('a key is walked for where frequency > sqrt(wanted / rows), about', () => {
    const at = (share: number) => {
      const statistics = { ...MILLION, keys: { known: new Map([[8n, share]]), other: 0 } };
      const part = { ...keyed([8n]), fraction: { few: share, many: share } };
      return shapeOf(facts([part], newest), WANTED, 'columns', statistics).replace(', guarded', '');
    };
    const root = Math.sqrt(WANTED / MILLION.rows);
    expect([root / 3, root * 3].map(at)).toEqual(['find by keys 0', 'walk along main-date']);
  });

  test('larger pages are worth finding', () => {
    const asked = facts([keyed([8n], { fraction: { few: 0.01, many: 0.01 } })], newest);
    const statistics = { ...MILLION, keys: { known: new Map([[8n, 0.01]]), other: 0 } };
    expect(shapeOf(asked, 21, 'columns', statistics)).toBe('walk along main-date, guarded');
    expect(shapeOf(asked, 1001, 'columns', statistics)).toBe('find by keys 0');
  });

  test('a patient is walked, unless what is asked for is rare among many', () => {
    const owned = (share: number, others: bigint) => {
      const known = new Map([[77n, share]]);
      const statistics = {
        ...MILLION,
        patients: { known, other: 0 },
        keys: { known: new Map([...MILLION.keys.known, [PATIENT, share]]), other: 0 },
      };
      const part = keyed([PATIENT], { patient: 77n, fraction: { few: share, many: share } });
      return shapeOf(facts([part, keyed([others])], newest), WANTED, 'columns', statistics);
    };
    expect(owned(0.1, FEMALE)).toBe('walk along patient');
    expect(owned(0.1, RARE_CODE)).toBe('find by keys 0 1');
    expect(owned(0.000_02, RARE_CODE)).toBe('walk along patient');
  });

  test('more codes than are merged are not walked along the ordered table', () => {
    const keys = Array.from({ length: MERGED_KEYS_MAX + 1 }, (_, i) => BigInt(100 + i));
    const share = { few: 0.2, many: 0.2 };
    const of = (codes: bigint[]) => facts([keyed(codes, { ...ordered(...codes), fraction: share })], newest);
    const shapes = (asked: SearchFacts) => {
      const { shape, rejected } = choosePlan(asked, MILLION, WANTED, 'columns');
      return [shape, ...rejected.map((one) => one.shape)].map(named);
    };
    expect(shapes(of(keys.slice(1)))).toContain('walk along ordered');
    expect(shapes(of(keys)).filter((name) => name.includes('ordered'))).toEqual([]);
  });
});

describe('times', () => {
  const lastDay = { from: 99 * DAY_MS, to: Infinity };
  const since = guessed({ few: 0.005, many: 0.03 }, 0);

  test('what happened since a moment is found by its date', () => {
    const asked = facts([since], unsorted, { endsFrom: lastDay.from, isDated: true });
    expect(shapeOf(asked)).toBe('walk along row, guarded');
    const rare = facts([{ ...since, fraction: { few: 0.000_01, many: 0.03 } }], unsorted, {
      endsFrom: lastDay.from,
      isDated: true,
    });
    expect(shapeOf(rare)).toBe('find by main-date');
  });

  test('newest first, it is a part of the walk', () => {
    const asked = facts([since], newest, { endsFrom: lastDay.from, isDated: true });
    expect(shapeOf(asked)).toBe('walk along main-date');
  });

  test('what was changed since a moment is found by the changes', () => {
    const asked = facts([{ ...since, fraction: { few: 0.000_01, many: 0.03 } }], newest, {
      lastUpdated: lastDay,
    });
    expect(shapeOf(asked)).toBe('find by last-updated');
  });
});

describe('a walk', () => {
  test('is guarded by what a find would cost, unless everything matches or it ends soon anyway', () => {
    const plan = choosePlan(facts([keyed([COMMON_CODE])], newest), MILLION, WANTED, 'columns');
    expect(plan.shape).toMatchObject({ kind: 'walk', along: 'main-date' });
    const { guard } = plan.shape as { guard: number };
    const [find] = plan.rejected.filter(({ shape }) => shape.kind === 'find');
    expect(guard).toBeGreaterThan(find!.cost / 3);
    expect(guard).toBeLessThan(find!.cost);
    expect(choosePlan(facts([], newest), MILLION, WANTED, 'columns').shape).not.toHaveProperty('guard');
    expect(choosePlan(facts([patient()], newest), MILLION, WANTED, 'columns').shape).not.toHaveProperty(
      'guard',
    );
  });

  test('along the changes is guarded by all that it passes over, not only by what it looks at', () => {
    // Two frequent codes that may never meet: then a walk along the changes looks at next to none of them.
    const asked = facts([keyed([COMMON_CODE]), keyed([FEMALE])], changed);
    const { shape, rejected } = choosePlan(asked, MILLION, WANTED, 'columns');
    expect(named(shape)).toBe('walk along last-updated, guarded');
    const find = Math.min(...rejected.filter((one) => one.shape.kind === 'find').map(({ cost }) => cost));
    const { guard } = shape as { guard: number };
    // A quarter of a microsecond for each: so it may go farther than a walk that looks at every resource.
    expect(guard).toBeGreaterThan(find / 2);
    expect(guard * 0.25).toBeLessThan(find);
  });

  test('is not taken where it is not offered', () => {
    const plan = choosePlan(facts([], newest), MILLION, WANTED, 'columns', ({ kind }) => kind === 'find');
    expect(plan.shape).toEqual({ kind: 'find', by: 'planner', driving: [] });
  });
});

describe('the keys that the index is asked for', () => {
  test.each<[string, bigint[][], number[]]>([
    ['the rarest alone, where it leaves next to nothing', [[FINAL], [IDENTIFIER], [COMMON_CODE]], [1]],
    ['those that leave markedly less', [[RARE_CODE], [COMMON_CODE], [FINAL]], [0, 1]],
    ['one of which all have', [[FINAL]], [0]],
  ])('%s', (_name, groups, driving) => {
    const { shape, rejected } = choosePlan(
      facts(
        groups.map((keys) => keyed(keys)),
        undefined,
      ),
      MILLION,
      WANTED,
      'columns',
    );
    const shapes = [shape, ...rejected.map((one) => one.shape)];
    expect(shapes.find((one) => one.kind === 'find' && one.by === 'keys')).toMatchObject({ driving });
  });
});

test('estimates the matches, between the guesses', () => {
  const plan = choosePlan(
    facts([keyed([COMMON_CODE]), guessed({ few: 0.001, many: 0.1 })], unsorted),
    MILLION,
    WANTED,
    'none',
  );
  expect(plan.matches).toBe(2_000);
});

test('a type of which nothing is known is left to the planner or read from its beginning', () => {
  expect(
    shapeOf(facts([guessed({ few: 0.000_1, many: 0.1 })], undefined), 21, 'side', UNKNOWN_STATISTICS),
  ).toBe('find by planner');
  expect(shapeOf(facts([], unsorted), 21, 'none', UNKNOWN_STATISTICS)).toBe('walk along row');
});
