import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyseType } from '../../../../src/store/search/statistics/analyse.ts';
import { readStatistics } from '../../../../src/store/search/statistics/readStatistics.ts';
import {
  STATISTICS_TTL_MS,
  StatisticsCache,
} from '../../../../src/store/search/statistics/statisticsCache.ts';
import {
  UNKNOWN_STATISTICS,
  fractionBetween,
  keysFrequency,
  prefixFraction,
  rangesFraction,
  type TypeStatistics,
} from '../../../../src/store/search/statistics/typeStatistics.ts';
import { SearchWorld } from '../searchWorld.ts';

const RESOURCES = 200;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2020, 0, 1);

let world: SearchWorld;
beforeAll(async () => {
  world = await SearchWorld.open();
  await world.putTogether(
    Object.fromEntries(
      Array.from({ length: RESOURCES }, (_, i) => [
        `Observation/${i}`,
        {
          status: i % 4 === 0 ? 'final' : 'preliminary',
          code: { coding: [{ code: i % 2 === 0 ? 'even' : 'odd' }] },
          subject: { reference: `Patient/${i % 10}` },
          valueQuantity: { value: i },
          ...(i % 5 === 0
            ? { effectivePeriod: { start: new Date(START_MS - i * HOUR_MS).toISOString() } }
            : { effectiveDateTime: new Date(START_MS + i * HOUR_MS).toISOString() }),
        },
      ]),
    ),
  );
  await world.put('Patient/1', { name: [{ family: 'Smith', given: ['Ann', 'Bea'] }] });
});
afterAll(() => world.close());

const statisticsOf = async (type: string): Promise<TypeStatistics | undefined> =>
  readStatistics(world.store.database, world.schema, type);

describe('what PostgreSQL knows', () => {
  test('a table that was never analysed has sensible defaults', async () => {
    const found = (await statisticsOf('Patient'))!;
    expect(found.rows).toBeGreaterThanOrEqual(1);
    expect(found.keys).toEqual(UNKNOWN_STATISTICS.keys);
    expect(found.dates).toEqual({ bounds: [], missing: 0 });
  });

  test('there is nothing of a type without a table', async () => {
    expect(await statisticsOf('Device')).toBeUndefined();
  });

  test('an analysed one tells how frequent keys, patients, dates and ranges are', async () => {
    for (const table of ['observation', 'observation_ranges', 'observation_strings'])
      await world.store.database.transaction((tx) =>
        tx.query({ name: '', text: `ANALYZE "${world.schema}".${table}`, values: [] }),
      );
    const found = (await statisticsOf('Observation'))!;
    expect(found.rows).toBe(RESOURCES);
    const final = world.index.tokenKeys('Observation', 'status', { code: 'final' });
    const codes = world.index.tokenKeys('Observation', 'code', { code: 'odd' });
    expect(keysFrequency(found, final)).toBeCloseTo(0.25, 2);
    expect(keysFrequency(found, [...codes, ...final])).toBeCloseTo(0.75, 2);
    expect(
      keysFrequency(found, world.index.tokenKeys('Observation', 'status', { code: 'amended' })),
    ).toBeLessThan(0.1);
    expect(found.patients.known.get(world.index.selfKey('Patient', '3')) ?? found.patients.other).toBeCloseTo(
      0.1,
      2,
    );
    expect(found.longDates).toBeCloseTo(0.2, 1);
    const middle = START_MS + (RESOURCES / 2) * HOUR_MS;
    expect(fractionBetween(found.dates, middle, Infinity)).toBeCloseTo(0.4, 1);
    expect(rangesFraction(found, world.index.rangeParams('Observation', 'value-quantity'))).toBe(1);
    expect(found.lastUpdated.missing).toBe(0);
  });

  test('tables that have grown are outdated until they are analysed', async () => {
    const text = 'x'.repeat(6_000);
    const basics = Array.from({ length: 150 }, (_, i) => [`Basic/${i}`, { code: { text } }]);
    await world.putTogether(Object.fromEntries(basics));
    expect((await statisticsOf('Basic'))!.isOutdated).toBe(true);
    await analyseType(world.store.database, world.schema, 'Basic');
    expect(await statisticsOf('Basic')).toMatchObject({ isOutdated: false, rows: 150 });
  });
});

describe('fractions', () => {
  const histogram = { bounds: [0, 10, 20, 30, 40], missing: 0.5 };

  test.each([
    [0, 40, 0.5],
    [10, 20, 0.125],
    [12.5, 15, 0.031_25],
    [-Infinity, Infinity, 0.5],
    [50, 60, 0],
    [-Infinity, 5, 0.0625],
    [20, 10, 0],
  ])('from %d to %d: %d', (lo, hi, part) => {
    expect(fractionBetween(histogram, lo, hi)).toBeCloseTo(part, 6);
  });

  test('ends that are open are in the middle of what they bound', () => {
    expect(fractionBetween({ bounds: [-Infinity, 0, 10], missing: 0 }, -5, 0)).toBeCloseTo(0.25, 6);
  });

  test('a beginning counts for each of the strings of a resource', () => {
    const strings = {
      bounds: ['a', 'b', 'c', 'd'],
      missing: 0,
      perResource: 2,
      common: { known: new Map([['bo', 0.2]]), other: 0 },
    };
    const statistics = { ...UNKNOWN_STATISTICS, strings };
    expect(prefixFraction(statistics, 'bo')).toBeCloseTo(2 * (0.2 + 0.08 / 4), 6);
    expect(prefixFraction(statistics, '')).toBe(1);
  });
});

describe('the cache', () => {
  const some = { ...UNKNOWN_STATISTICS, rows: 7 };
  const more = { ...UNKNOWN_STATISTICS, rows: 8 };
  const outdated = { ...some, isOutdated: true };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const notCalled = () => Promise.reject(new Error('nothing is outdated'));

  test('waits for what it has not, and reads the rest again in the background after a while', async () => {
    let nowMs = 0;
    const answers = [some, more];
    let reads = 0;
    const cache = new StatisticsCache(
      {
        read: async () => {
          const answer = answers[reads++];
          if (reads > 1) await turn();
          return answer;
        },
        analyse: notCalled,
      },
      () => nowMs,
    );
    expect(cache.of('Patient')).toBeUndefined();
    await Promise.all([cache.load(['Patient']), cache.load(['Patient'])]);
    expect([cache.of('Patient')?.rows, reads]).toEqual([7, 1]);
    nowMs = STATISTICS_TTL_MS;
    await cache.load(['Patient']);
    expect(reads).toBe(1);
    nowMs += 1;
    await cache.load(['Patient']);
    expect([cache.of('Patient')?.rows, reads]).toEqual([7, 2]);
    await turn();
    await turn();
    expect(cache.of('Patient')?.rows).toBe(8);
  });

  test('keeps what it has when it cannot be read again, and says so when there is nothing yet', async () => {
    let nowMs = 0;
    let fails = true;
    const cache = new StatisticsCache(
      {
        read: () => (fails ? Promise.reject(new Error('away')) : Promise.resolve(some)),
        analyse: notCalled,
      },
      () => nowMs,
    );
    await expect(cache.load(['Patient'])).rejects.toThrow('away');
    fails = false;
    await cache.load(['Patient']);
    fails = true;
    nowMs = STATISTICS_TTL_MS + 1;
    await cache.load(['Patient']);
    await turn();
    expect(cache.of('Patient')?.rows).toBe(7);
  });

  test('has tables that have grown analysed, once, and uses what it has meanwhile', async () => {
    let nowMs = 0;
    const answers = [outdated, more, outdated, outdated];
    let analysed = 0;
    const cache = new StatisticsCache(
      { read: async () => answers.shift(), analyse: () => turn().then(() => void (analysed += 1)) },
      () => nowMs,
    );
    await cache.load(['Patient']);
    expect(cache.of('Patient')?.rows).toBe(7);
    await turn();
    await turn();
    expect([cache.of('Patient')?.rows, analysed]).toEqual([8, 1]);
    nowMs = STATISTICS_TTL_MS + 1;
    await cache.load(['Patient']);
    await turn();
    await turn();
    await cache.load(['Patient']);
    expect([cache.of('Patient')?.rows, analysed, answers.length]).toEqual([7, 2, 0]);
  });
});
