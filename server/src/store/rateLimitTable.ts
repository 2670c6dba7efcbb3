import { createHash } from 'node:crypto';
import type { Database } from './postgres/database.ts';

/** What was spent of one limit. */
export interface Spending {
  /** Whose limit; only a hash of it is stored. */
  key: string;
  perMinute: number;
  spent: number;
}

/** A row that nobody changed for so long stands for a full bucket. */
const FORGOTTEN_AFTER_S = 300;
const KEY_BYTES = 16;

/**
 * The table `rate_limit`: what all servers of a store have left of their limits together. It is not logged: after a crash of the database
 * all limits are whole again.
 */
export class RateLimitTable {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#table = `"${schema}".rate_limit`;
  }

  /** Takes what was spent from what is left, which grows by `perMinute` a minute up to that. @returns what is left, in the same order */
  async settle(spendings: readonly Spending[]): Promise<number[]> {
    const keys = spendings.map(({ key }) => hashOf(key));
    const { rows } = await this.#database.write({
      name: 'rate-limit-settle',
      // In the order of keys: servers that settle at once wait for each other, and never in a circle.
      text: `INSERT INTO ${this.#table} AS r (key, per_minute, level)
        SELECT key, max(per_minute), max(per_minute) - sum(spent)
        FROM unnest($1::bytea[], $2::float8[], $3::float8[]) AS s (key, per_minute, spent) GROUP BY key ORDER BY key
        ON CONFLICT (key) DO UPDATE SET per_minute = excluded.per_minute, updated = clock_timestamp(),
          level = greatest(-excluded.per_minute, excluded.level - excluded.per_minute + least(excluded.per_minute,
            r.level + extract(epoch FROM clock_timestamp() - r.updated)::float8 * excluded.per_minute / 60))
        RETURNING encode(key, 'hex') AS key, level`,
      values: [keys, spendings.map(({ perMinute }) => perMinute), spendings.map(({ spent }) => spent)],
    });
    const levels = new Map((rows as { key: string; level: number }[]).map(({ key, level }) => [key, level]));
    return keys.map((key) => levels.get(key.toString('hex'))!);
  }

  /** Removes what is forgotten. */
  async sweep(): Promise<void> {
    const text = `DELETE FROM ${this.#table} WHERE updated < clock_timestamp() - make_interval(secs => $1)`;
    await this.#database.write({ name: 'rate-limit-sweep', text, values: [FORGOTTEN_AFTER_S] });
  }
}

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest().subarray(0, KEY_BYTES);
