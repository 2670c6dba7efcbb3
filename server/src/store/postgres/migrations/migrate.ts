import type { Database } from '../database.ts';
import { StartError } from '../startError.ts';
import type { Transaction } from '../transaction.ts';
import { MIGRATIONS } from './all.ts';
import { once, type Migration } from './migration.ts';
import { quoted } from './schemaName.ts';

export interface MigrateOptions {
  /** Told before each step that is applied, and what a breaking one means. */
  onProgress?: (what: string) => void;
  /** The steps, for tests; those of this release otherwise. */
  migrations?: readonly Migration[];
}

interface Applied {
  number: number;
  name: string;
}

/**
 * Brings a store's schema to the shape of this release; makes it when there is none. Safe to run by many processes at once and
 * any number of times.
 * @returns the numbers of the steps that this call applied
 * @throws StartError when the schema is newer than this release, or not ours
 */
export async function migrate(
  database: Database,
  schema: string,
  options: MigrateOptions = {},
): Promise<number[]> {
  const migrations = options.migrations ?? MIGRATIONS;
  const applied: number[] = [];
  const fresh = await database.transaction((tx) => ensureMigrationTable(tx, schema));
  for (const migration of migrations) {
    const done = await database.transaction(async (tx) => {
      await lock(tx, schema);
      const before = await appliedIn(tx, schema);
      check(before, migrations, schema);
      if (before.some(({ number }) => number === migration.number)) return false;
      tell(migration, schema, fresh, options.onProgress);
      await migration.run(tx, quoted(schema));
      await record(tx, schema, migration);
      return true;
    });
    if (done) applied.push(migration.number);
  }
  return applied;
}

/** Many processes start at once: one works, the others wait here until its transaction has ended. */
async function lock(tx: Transaction, schema: string): Promise<void> {
  await tx.query(once('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`maxray.migrate.${schema}`]));
}

/** @returns true when the schema was not there yet */
async function ensureMigrationTable(tx: Transaction, schema: string): Promise<boolean> {
  await lock(tx, schema);
  const name = quoted(schema);
  const { rows } = await tx.query(
    once('SELECT to_regnamespace($1) AS schema, to_regclass($2) AS "table"', [name, `${name}.migration`]),
  );
  const { schema: existing, table } = rows[0] as { schema: string | null; table: string | null };
  // Not `IF NOT EXISTS`: that asks for the right to make schemas even when an administrator made ours.
  if (existing === null) await tx.query(once(`CREATE SCHEMA ${name}`));
  if (table !== null) return false;
  await tx.query(
    once(`CREATE TABLE ${name}.migration (
      number integer PRIMARY KEY, name text NOT NULL, breaking boolean NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`),
  );
  return true;
}

async function appliedIn(tx: Transaction, schema: string): Promise<Applied[]> {
  const { rows } = await tx.query(
    once(`SELECT number, name FROM ${quoted(schema)}.migration ORDER BY number`),
  );
  return rows as Applied[];
}

function check(applied: Applied[], migrations: readonly Migration[], schema: string): void {
  for (const { number, name } of applied) {
    const known = migrations.find((migration) => migration.number === number);
    if (!known) {
      throw new StartError(
        `the store "${schema}" has been changed by a newer release (migration ${number}, ${name}), which this one does not know. Start that release, or restore a backup from before.`,
      );
    }
    if (known.name !== name) {
      throw new StartError(
        `the store "${schema}" has another migration ${number} ("${name}", here "${known.name}"): it was made by another line of releases.`,
      );
    }
  }
}

function tell(
  migration: Migration,
  schema: string,
  fresh: boolean,
  onProgress: MigrateOptions['onProgress'],
): void {
  onProgress?.(`migration ${migration.number} (${migration.name}) of store "${schema}"`);
  if (migration.breaking !== undefined && !fresh)
    onProgress?.(`migration ${migration.number} is breaking: ${migration.breaking}`);
}

async function record(tx: Transaction, schema: string, { number, name, breaking }: Migration): Promise<void> {
  const text = `INSERT INTO ${quoted(schema)}.migration (number, name, breaking) VALUES ($1, $2, $3)`;
  await tx.query(once(text, [number, name, breaking !== undefined]));
}

/** Whether a store has exactly the steps of this release. */
export async function isCurrent(database: Database, schema: string): Promise<boolean> {
  const statement = once(`SELECT number FROM ${quoted(schema)}.migration ORDER BY number`);
  const { rows } = await database.read(statement);
  const numbers = (rows as { number: number }[]).map(({ number }) => number);
  return numbers.join() === MIGRATIONS.map(({ number }) => number).join();
}
