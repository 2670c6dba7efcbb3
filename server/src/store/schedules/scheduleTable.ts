import type { Database } from '../postgres/database.ts';

/** A schedule in the hands of whoever does what is due. */
export interface HeldSchedule {
  name: string;
  fence: string;
  cron: string;
  timeZone: string;
  /** The time that it is done for. */
  due: Date;
  /** Attempts in a row that failed. */
  failures: number;
  /** By the clock of the database. */
  now: Date;
}

const IN = (parameter: string) => `clock_timestamp() + make_interval(secs => ${parameter}::float8 / 1000)`;
const IS_FREE = `due <= clock_timestamp() AND not_before <= clock_timestamp() AND held_until < clock_timestamp()`;

/** The table `due_schedule` (`schedule` is that of the resource type). Whoever writes what became of a due time names the fence that the schedule was taken with. */
export class ScheduleTable {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#table = `"${schema}".due_schedule`;
  }

  /** Makes it, or changes it; nothing is changed of one that is as it was. */
  async put(name: string, cron: string, timeZone: string, due: Date): Promise<void> {
    await this.#database.write({
      name: 'schedule-put',
      text: `INSERT INTO ${this.#table} AS s (name, cron, time_zone, due) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET cron = EXCLUDED.cron, time_zone = EXCLUDED.time_zone, due = EXCLUDED.due,
          fence = s.fence + 1, held_until = '-infinity', not_before = '-infinity', failures = 0
        WHERE (s.cron, s.time_zone) IS DISTINCT FROM (EXCLUDED.cron, EXCLUDED.time_zone)`,
      values: [name, cron, timeZone, due],
    });
  }

  async remove(name: string): Promise<void> {
    await this.#database.write({
      name: 'schedule-remove',
      text: `DELETE FROM ${this.#table} WHERE name = $1`,
      values: [name],
    });
  }

  /** The names that begin so, in their order. */
  async names(prefix: string): Promise<string[]> {
    const { rows } = await this.#database.read({
      name: 'schedule-names',
      text: `SELECT name FROM ${this.#table} WHERE starts_with(name, $1) ORDER BY name`,
      values: [prefix],
    });
    return rows.map(({ name }) => name as string);
  }

  /** Whether there are schedules with one of these prefixes. */
  async isAsked(prefixes: readonly string[]): Promise<boolean> {
    const { rows } = await this.#database.read({
      name: 'schedule-asked',
      text: `SELECT EXISTS (SELECT FROM ${this.#table} WHERE name ^@ ANY ($1::text[])) AS asked`,
      values: [prefixes],
    });
    return (rows[0] as { asked: boolean }).asked;
  }

  /** Those with one of these prefixes that are due and at which nobody is, longest first. */
  async due(prefixes: readonly string[], limit: number): Promise<{ key: string; sinceMs: number }[]> {
    const { rows } = await this.#database.read({
      name: 'schedule-due',
      text: `SELECT name AS key, extract(epoch FROM clock_timestamp() - greatest(due, not_before, held_until))::float8 * 1000 AS "sinceMs"
        FROM ${this.#table} WHERE name ^@ ANY ($1::text[]) AND ${IS_FREE} ORDER BY due LIMIT $2`,
      values: [prefixes, limit],
    });
    return rows as { key: string; sinceMs: number }[];
  }

  /** Takes one that is due and at which nobody is. */
  async claim(name: string, leaseMs: number): Promise<HeldSchedule | undefined> {
    const { rows } = await this.#database.write({
      name: 'schedule-claim',
      text: `UPDATE ${this.#table} SET fence = fence + 1, held_until = ${IN('$2')} WHERE name = $1 AND ${IS_FREE}
        RETURNING name, fence, cron, time_zone AS "timeZone", due, failures, clock_timestamp() AS now`,
      values: [name, leaseMs],
    });
    return rows[0] as HeldSchedule | undefined;
  }

  /** Keeps it. @returns false when it is another's, or was changed or removed */
  async keep({ name, fence }: HeldSchedule, leaseMs: number): Promise<boolean> {
    const { rows } = await this.#database.write({
      name: 'schedule-keep',
      text: `UPDATE ${this.#table} SET held_until = ${IN('$3')} WHERE name = $1 AND fence = $2 RETURNING name`,
      values: [name, fence, leaseMs],
    });
    return rows.length > 0;
  }

  /** Its due time is done, or is given up: this is the next one. */
  async next({ name, fence }: HeldSchedule, due: Date): Promise<void> {
    await this.#database.write({
      name: 'schedule-next',
      text: `UPDATE ${this.#table} SET due = $3, held_until = '-infinity', not_before = '-infinity', failures = 0
        WHERE name = $1 AND fence = $2`,
      values: [name, fence, due],
    });
  }

  /** It failed, and is tried again after a rest. */
  async failed({ name, fence }: HeldSchedule, restMs: number): Promise<void> {
    await this.#database.write({
      name: 'schedule-failed',
      text: `UPDATE ${this.#table} SET held_until = '-infinity', not_before = ${IN('$3')}, failures = failures + 1
        WHERE name = $1 AND fence = $2`,
      values: [name, fence, restMs],
    });
  }
}
