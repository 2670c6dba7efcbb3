import type { Database } from '../postgres/database.ts';

/**
 * The time up to which nothing more can appear in the history: every write whose lastUpdated lies before it has
 * either committed, and is visible to the next statement, or failed.
 *
 * Commit order is not time order: a write may take its time, and commit after another that took a later one. A
 * client that polls with `_since=<latest seen>` would then miss it. So history shows only what lies before the
 * horizon: the start of the oldest transaction that may still write. A write takes its time inside its
 * transaction, after PostgreSQL has reported it as running; so one that this query does not see running takes a
 * time after `clock`. The page must be read by a later statement. The horizon is cut to milliseconds, as lastUpdated
 * is: an unseen write may carry exactly its time, and `_since`, which includes its own time, still finds it.
 */
export async function historyHorizon(database: Database): Promise<Date> {
  const result = await database.read({
    name: 'history-horizon',
    text: `WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now)
      SELECT least(now, (SELECT min(xact_start) FROM pg_stat_activity
                         WHERE datname = current_database() AND application_name = $1)) AS horizon FROM clock`,
    values: [database.writerName],
  });
  return result.rows[0]!.horizon as Date;
}
