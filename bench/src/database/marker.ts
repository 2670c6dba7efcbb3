import type { Client } from 'pg';
import type { DataPlan } from '../data/plan.ts';

/** Notes in the database which plan it was loaded with. */
export const markLoaded = async (client: Client, plan: DataPlan): Promise<void> => {
  await client.query('CREATE TABLE floor.plan (plan jsonb NOT NULL)');
  await client.query('INSERT INTO floor.plan VALUES ($1)', [JSON.stringify(plan)]);
};

/** Whether the database holds the data of this very plan, loaded to the end. */
export const isLoaded = async (client: Client, plan: DataPlan): Promise<boolean> => {
  const exists = await client.query<{ table: string | null }>(
    `SELECT to_regclass('floor.plan')::text AS table`,
  );
  if (!exists.rows[0]?.table) return false;
  const same = await client.query('SELECT 1 FROM floor.plan WHERE plan = $1::jsonb', [JSON.stringify(plan)]);
  return same.rowCount === 1;
};
