import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { dataPlan, type DataPlan } from '../data/plan.ts';
import { resources } from '../data/resources.ts';
import { createTableSql } from './floor/table.ts';
import { FLOOR_TABLES } from './floor/tables.ts';

/** So little data shows well enough whether the generator is the same. */
const SAMPLE_SCALE = 0.001;

/** What a database was loaded with. */
interface Loaded {
  plan: DataPlan;
  /** Whether the floors' tables are there as well. */
  withFloors: boolean;
  /** Of the generated data and the floors' tables: another one, and what was loaded is of no use. */
  fingerprint: string;
}

const loadedWith = (plan: DataPlan, withFloors: boolean): string => {
  const hash = createHash('sha256');
  for (const resource of resources(dataPlan(SAMPLE_SCALE, plan.seed))) hash.update(JSON.stringify(resource));
  for (const table of FLOOR_TABLES) hash.update(`${createTableSql(table)} ${table.indexes?.join('; ')}`);
  return JSON.stringify({ plan, withFloors, fingerprint: hash.digest('hex') } satisfies Loaded);
};

/** Notes in the database what it was loaded with. */
export const markLoaded = async (client: Client, plan: DataPlan, withFloors: boolean): Promise<void> => {
  await client.query('DROP SCHEMA IF EXISTS bench CASCADE');
  await client.query('CREATE SCHEMA bench');
  await client.query('CREATE TABLE bench.loaded (loaded jsonb NOT NULL)');
  await client.query('INSERT INTO bench.loaded VALUES ($1)', [loadedWith(plan, withFloors)]);
};

/** Whether the database holds the data of this very plan, loaded to the end. */
export const isLoaded = async (client: Client, plan: DataPlan, withFloors: boolean): Promise<boolean> => {
  const exists = await client.query<{ table: string | null }>(
    `SELECT to_regclass('bench.loaded')::text AS table`,
  );
  if (!exists.rows[0]?.table) return false;
  const same = await client.query('SELECT 1 FROM bench.loaded WHERE loaded = $1::jsonb', [
    loadedWith(plan, withFloors),
  ]);
  return same.rowCount === 1;
};
