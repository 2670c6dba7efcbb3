import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mayHaveSql, probeOf, shownFilter } from '../../../src/store/audit/shownFilter.ts';
import { int8Array } from '../../../src/store/resource/binaryArray.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await testDatabase();
});
afterAll(() => store.close());

/** The same each time, spread as a keyed hash is. */
const keyAt = (n: number): bigint =>
  BigInt.asIntN(64, (BigInt(n) + 1n) * 0x9e3779b97f4a7c15n ** 3n * (BigInt(n) * 2n + 1n));

/** Which of the keys PostgreSQL sees in a filter. */
async function seen(filter: Buffer, keys: readonly bigint[]): Promise<boolean[]> {
  const probes = keys.map((key) => probeOf(key));
  const { rows } = await store.database.read({
    name: '',
    text: `SELECT (${mayHaveSql('$1::bytea', { low: 'w.low', step: 'w.step' })}) AS has
      FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS w(low, step, n) ORDER BY n`,
    values: [filter, int8Array(probes.map(({ low }) => low)), int8Array(probes.map(({ step }) => step))],
  });
  return (rows as unknown as { has: boolean }[]).map(({ has }) => has);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => keyAt(from + i));

test.each([1, 2, 63, 1_000, 20_000])('a filter of %i keys has each of them', async (count) => {
  const keys = range(0, count);
  expect((await seen(shownFilter(keys), keys)).every((has) => has)).toBe(true);
});

test('it denies nearly all others', async () => {
  const others = await seen(shownFilter(range(0, 5_000)), range(5_000, 15_000));
  const share = others.filter((has) => has).length / others.length;
  expect(share).toBeLessThan(0.02);
});

test('the extremes of 64 bits are keys as others', async () => {
  const keys = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)];
  expect(await seen(shownFilter(keys), keys)).toEqual([true, true, true, true]);
});
