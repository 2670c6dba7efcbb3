import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PASSING_STATEMENTS_MAX } from '../../../src/store/postgres/client.ts';
import { openDatabase, type Database } from '../../../src/store/postgres/database.ts';
import { storeDatabase } from '../../../src/store/postgres/storeDatabase.ts';
import { testConnection } from '../../support/postgres.ts';
import { until } from '../../support/program.ts';

let database: Database;
beforeAll(async () => {
  const few = { readConnections: 1, writeConnections: 1, quickConnections: 1, searchConnectionsMax: 1 };
  database = await openDatabase({ connection: await testConnection(), ...few, transactionConnectionsMax: 1 });
});
afterAll(() => database.close());

test('stores use the same name for statements of their own', async () => {
  const [one, two] = [storeDatabase(database, 't1'), storeDatabase(database, 't2')];
  for (let round = 0; round < 3; round += 1) {
    for (const [store, value] of [
      [database, 0],
      [one, 1],
      [two, 2],
    ] as const) {
      const statement = { name: 'same', text: `SELECT ${value} AS value`, values: [] };
      for (const run of [store.read, store.write, store.search, store.searchFixed, store.searchQuick])
        expect((await run(statement)).rows).toEqual([{ value }]);
      expect((await store.transaction((tx) => tx.query(statement))).rows).toEqual([{ value }]);
    }
  }
});

/** What a connection knows. */
const STATE = {
  name: '',
  text: `SELECT pg_backend_pid() AS pid, (SELECT count(*)::int FROM pg_prepared_statements) AS known`,
  values: [],
};

test.each(['read', 'search', 'searchQuick'] as const)(
  'however many statements come by %s, a connection knows a limited number, and each is answered',
  async (way) => {
    const store = storeDatabase(database, 't3');
    const state = async () => (await store[way](STATE)).rows[0] as { pid: number; known: number };
    const before = await state();
    const total = PASSING_STATEMENTS_MAX + 200;
    const answers = await Promise.all(
      Array.from({ length: total }, (_, i) =>
        store[way]({ name: `${way}-${i}`, text: `SELECT ${i} AS value`, values: [] }),
      ),
    );
    expect(answers.map(({ rows }) => (rows[0] as { value: number }).value)).toEqual([...answers.keys()]);
    await until(async () => (await state()).pid !== before.pid, 'another connection has taken its place');
    expect((await state()).known).toBeLessThan(PASSING_STATEMENTS_MAX);
  },
);

test('statements of the main store never wear a connection out', async () => {
  const pid = async () => ((await database.read(STATE)).rows[0] as { pid: number }).pid;
  const before = await pid();
  for (let i = 0; i <= PASSING_STATEMENTS_MAX; i += 1)
    await database.read({ name: `main-${i}`, text: `SELECT ${i} AS value`, values: [] });
  expect(await pid()).toBe(before);
});
