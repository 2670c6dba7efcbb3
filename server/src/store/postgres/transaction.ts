import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryResult } from 'pg';
import type { ClientPool } from './clientPool.ts';
import type { Statement, StoreClient } from './client.ts';
import { collided, isCollision, isStale, outcomeUnknown, transactionLost } from './failures.ts';

/** What runs inside a transaction. */
export interface Transaction {
  query(statement: Statement): Promise<QueryResult>;
}

export const TRANSACTION_ATTEMPTS_MAX = 6;
/** Before the n-th further attempt, up to n times as long. */
const BACK_OFF_MS = 15;

const BEGIN: Statement = { name: 'begin', text: 'BEGIN', values: [] };
const COMMIT: Statement = { name: 'commit', text: 'COMMIT', values: [] };
const ROLLBACK: Statement = { name: 'rollback', text: 'ROLLBACK', values: [] };

/**
 * Runs `work` in a transaction: all of it is stored, or nothing. After a collision with another transaction `work` runs again
 * from its start, so it must do nothing but query.
 * @throws FhirError busy when the connection broke (its text says whether the outcome is known) or collisions did not end
 */
export async function transact<T>(pool: ClientPool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await pool.lend((client) => attemptOnce(pool, client, work));
    } catch (error) {
      if (!isCollision(error) && !isStale(error)) throw error;
      if (attempt >= TRANSACTION_ATTEMPTS_MAX) throw isCollision(error) ? collided(attempt) : error;
    }
    await sleep(Math.random() * BACK_OFF_MS * attempt);
  }
}

async function attemptOnce<T>(
  pool: ClientPool,
  client: StoreClient,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  let firstError: unknown;
  let over = false;
  const query = async (statement: Statement): Promise<QueryResult> => {
    if (over) throw new Error('the transaction is over');
    try {
      return await pool.runOn(client, statement);
    } catch (error) {
      firstError ??= error;
      throw error;
    }
  };
  let result: T;
  try {
    await query(BEGIN);
    result = await work({ query });
  } catch (error) {
    over = true;
    await rollBack(pool, client);
    throw isLoss(client, error, firstError) ? transactionLost() : error;
  }
  over = true;
  await commit(pool, client, firstError);
  return result;
}

/** An error of `work`'s own is more telling than the state of the connection. */
const isLoss = (client: StoreClient, error: unknown, firstError: unknown): boolean =>
  client.lost && error === firstError;

async function commit(pool: ClientPool, client: StoreClient, firstError: unknown): Promise<void> {
  const lostBefore = client.lost;
  let command: string;
  try {
    ({ command } = await pool.runOn(client, COMMIT));
  } catch (error) {
    if (!client.lost) throw error;
    throw lostBefore ? transactionLost() : outcomeUnknown();
  }
  // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK: `work` kept an error for itself.
  if (command !== 'COMMIT') throw firstError ?? new Error('the transaction was rolled back');
}

async function rollBack(pool: ClientPool, client: StoreClient): Promise<void> {
  if (client.lost) return;
  try {
    await pool.runOn(client, ROLLBACK);
  } catch {
    client.cut(); // the server rolls back what has no connection any more
  }
}
