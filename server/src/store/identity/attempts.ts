import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '../postgres/database.ts';

/** How many attempts are free, and how the waiting time grows with each further one that fails. */
export interface BackOff {
  free: number;
  firstWaitS: number;
  waitS: number;
}

/** Attempts that lie back so far do not count any more. */
const FORGOTTEN_AFTER_S = 24 * 3600;

/**
 * The table `identity_attempt`: how often somebody has tried of late. An attempt counts before it is known whether it succeeds, so
 * that many at once gain nothing.
 */
export class AttemptTable {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#table = `"${schema}".identity_attempt`;
  }

  /**
   * Counts an attempt.
   * @param key whose attempts are counted together; only a hash of it is stored
   * @returns seconds to wait where it must not be made yet: then it was not counted either; else undefined
   */
  async begin(key: string, { free, firstWaitS, waitS }: BackOff): Promise<number | undefined> {
    const ticket = randomUUID();
    // Of attempts before, when they are forgotten, this is the first again.
    const counted = `CASE WHEN a.last < clock_timestamp() - make_interval(secs => $6) THEN 1 ELSE a.attempts + 1 END`;
    const wait = (attempts: string): string =>
      `CASE WHEN ${attempts} < $3::int THEN NULL
        ELSE clock_timestamp() + make_interval(secs => least($5::float8, $4::float8 * power(2, least(${attempts} - $3::int, 30)))) END`;
    const locked = `coalesce(a.locked_until, '-infinity') > clock_timestamp()`;
    const { rows } = await this.#database.write({
      name: 'identity-attempt',
      text: `INSERT INTO ${this.#table} AS a (key, attempts, ticket, locked_until) VALUES ($1, 1, $2, ${wait('1')})
        ON CONFLICT (key) DO UPDATE SET
          attempts = CASE WHEN ${locked} THEN a.attempts ELSE ${counted} END,
          ticket = CASE WHEN ${locked} THEN a.ticket ELSE excluded.ticket END,
          last = CASE WHEN ${locked} THEN a.last ELSE clock_timestamp() END,
          locked_until = CASE WHEN ${locked} THEN a.locked_until ELSE ${wait(`(${counted})`)} END
        RETURNING ticket = $2 AS counts, extract(epoch FROM a.locked_until - clock_timestamp())::float8 AS wait`,
      values: [keyHash(key), ticket, free, firstWaitS, waitS, FORGOTTEN_AFTER_S],
    });
    const row = rows[0] as { counts: boolean; wait: number | null };
    return row.counts ? undefined : Math.max(1, Math.ceil(row.wait ?? 1));
  }

  /** It succeeded: what failed before is forgotten. */
  async forget(key: string): Promise<void> {
    const text = `DELETE FROM ${this.#table} WHERE key = $1`;
    await this.#database.write({ name: 'identity-attempt-forget', text, values: [keyHash(key)] });
  }

  /** It succeeded, which says nothing about the others that are counted under the same key. */
  async takeBack(key: string): Promise<void> {
    const text = `UPDATE ${this.#table} SET attempts = greatest(attempts - 1, 0), locked_until = NULL WHERE key = $1`;
    await this.#database.write({ name: 'identity-attempt-back', text, values: [keyHash(key)] });
  }

  /** Removes what is forgotten. */
  async sweep(): Promise<void> {
    const text = `DELETE FROM ${this.#table} WHERE last < clock_timestamp() - make_interval(secs => $1)`;
    await this.#database.write({ name: '', text, values: [FORGOTTEN_AFTER_S] });
  }
}

const keyHash = (key: string): Buffer => createHash('sha256').update(key).digest();
