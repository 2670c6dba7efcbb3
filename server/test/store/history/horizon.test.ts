import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Indexer } from '../../../src/store/index/rows.ts';
import { historyHorizon } from '../../../src/store/history/horizon.ts';
import type { Transaction } from '../../../src/store/postgres/transaction.ts';
import { verifyStore } from '../../../src/store/verify/verify.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

let own: TestDatabase;
let other: TestDatabase;
beforeAll(async () => {
  own = await testDatabase();
  other = await testDatabase();
});
afterAll(async () => {
  await own.close();
  await other.close();
});

const query = async (tx: Transaction, text: string) => (await tx.query({ name: '', text, values: [] })).rows;

/** Whether the history of `own` waits for a transaction in which `text` has run. */
async function isWaitedFor(text: string): Promise<boolean> {
  return own.database.transaction(async (tx) => {
    await query(tx, text);
    const [begun] = await query(
      tx,
      'SELECT xact_start AS at, clock_timestamp() AS now FROM pg_stat_activity WHERE pid = pg_backend_pid()',
    );
    const horizon = await historyHorizon(own.database, own.schema);
    const { at, now } = begun as { at: Date; now: Date };
    expect(horizon <= at || horizon >= now).toBe(true); // one or the other, nothing between
    return horizon <= at;
  });
}

const change = (schema: string) =>
  `INSERT INTO "${schema}".changes (last_updated, type, rid, version, method) VALUES (clock_timestamp(), 'Basic', 1, 1, 'C')`;

test('the history waits for who writes resources of its store', async () => {
  expect(await isWaitedFor(`${change(own.schema)}; SELECT pg_sleep(0.002)`)).toBe(true);
});

test('it waits for nobody else: what was acknowledged is in the history, whatever is written meanwhile', async () => {
  const wait = 'SELECT pg_sleep(0.002)';
  expect(await isWaitedFor(`${change(other.schema)}; ${wait}`)).toBe(false);
  expect(await isWaitedFor(`SELECT count(*) FROM "${own.schema}".changes; ${wait}`)).toBe(false);
  expect(
    await isWaitedFor(`INSERT INTO "${own.schema}".setting (name, value) VALUES ('a', 'b'); ${wait}`),
  ).toBe(false);
});

test('it does not wait for a verification, which can take hours', async () => {
  const horizons: boolean[] = [];
  const database: typeof own.database = {
    ...own.database,
    transaction: (work) =>
      own.database.transaction(async (tx) => {
        const result = await work(tx);
        const [{ now } = {}] = await query(tx, 'SELECT clock_timestamp() AS now');
        horizons.push((await historyHorizon(own.database, own.schema)) >= (now as Date));
        return result;
      }),
  };
  const indexer = {} as Indexer; // there is nothing to index
  const report = await verifyStore(database, own.schema, indexer, () => undefined);
  expect(report.differences).toEqual([]);
  expect(horizons).toEqual([true]);
});
