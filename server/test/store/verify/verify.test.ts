import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Indexer } from '../../../src/store/index/rows.ts';
import type { Database } from '../../../src/store/postgres/database.ts';
import type { Transaction } from '../../../src/store/postgres/transaction.ts';
import { verifyStore } from '../../../src/store/verify/verify.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

let own: TestDatabase;
beforeAll(async () => {
  own = await testDatabase();
});
afterAll(() => own.close());

/** The name under which PostgreSQL shows the session of a transaction to others. */
async function nameOf(tx: Transaction): Promise<unknown> {
  const text = 'SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()';
  return (await tx.query({ name: '', text, values: [] })).rows[0]!.application_name;
}

test('a verification, which can take hours, does not hold the horizon of the history back', async () => {
  const names: unknown[] = [];
  const database: Database = {
    ...own.database,
    transaction: (work) =>
      own.database.transaction(async (tx) => {
        const result = await work(tx);
        names.push(await nameOf(tx));
        return result;
      }),
  };
  const indexer = {} as Indexer; // there is nothing to index
  const report = await verifyStore(database, own.schema, indexer, () => undefined);
  expect(report.differences).toEqual([]);
  names.push(await own.database.transaction(nameOf));
  expect(names).toEqual(['maxray-verify', own.database.writerName]);
});
