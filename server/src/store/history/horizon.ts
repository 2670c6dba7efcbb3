import type { Database } from '../postgres/database.ts';

/**
 * The time up to which nothing more can appear in the history: every write whose lastUpdated lies before it has
 * either committed, and is visible to the next statement, or failed.
 *
 * Commit order is not time order: a write may take its time, and commit after another that took a later one. A
 * client that polls with `_since=<latest seen>` would then miss it. So history shows only what lies before the
 * horizon: the start of the oldest transaction that writes changes.
 *
 * Such a transaction is known by its lock: PostgreSQL takes that of `changes` before it runs the statement in which the
 * transaction takes its time (resource/insertSql.ts), and keeps it to the end. So one whose lock this query does not see
 * takes a time after `clock`, or has ended. Whatever else is written meanwhile, such as the audit log, holds nothing back:
 * an acknowledged write is in the history.
 *
 * The page must be read by a later statement. The horizon is cut to milliseconds, as lastUpdated is: an unseen write may
 * carry exactly its time, and `_since`, which includes its own time, still finds it.
 */
export async function historyHorizon(database: Database, schema: string): Promise<Date> {
  const result = await database.read({
    name: 'history-horizon',
    text: `WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now)
      SELECT least(now, (SELECT min(a.xact_start) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                         WHERE l.relation = '"${schema}".changes'::regclass AND l.mode = 'RowExclusiveLock'
                           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))) AS horizon
      FROM clock`,
    values: [],
  });
  return result.rows[0]!.horizon as Date;
}
