import type { Database } from '../../store/postgres/database.ts';

/** Whether a store has work that goes on without requests: jobs, walks that bring its index up to date, Subscriptions to be served, schedules. */
export async function hasUnfinishedWork(database: Database, schema: string): Promise<boolean> {
  const text = `SELECT EXISTS (SELECT FROM "${schema}".job WHERE finished IS NULL)
      OR EXISTS (SELECT FROM "${schema}".reindex WHERE requested AND finished IS NULL)
      OR EXISTS (SELECT FROM "${schema}".event_subscription)
      OR EXISTS (SELECT FROM "${schema}".due_schedule) AS waits`;
  const { rows } = await database.read({ name: '', text, values: [] });
  return (rows[0] as { waits: boolean }).waits;
}
