import type { Database } from './database.ts';
import { once } from './migrations/migration.ts';
import { quoted } from './migrations/schemaName.ts';

/** Where queues lie: beside the main store, since BullMQ has tables of the same names as ours. */
export const queueSchema = (mainSchema: string): string => `${mainSchema}_queue`;

/**
 * Makes the schema of the queues for a role that could not make one itself; that role makes the tables, when there is something to wait for.
 *
 * @param role of the server that runs
 */
export async function makeQueueSchema(admin: Database, mainSchema: string, role: string): Promise<void> {
  const name = quoted(mainSchema).replace(/"$/, '_queue"');
  await admin.transaction(async (tx) => {
    const { rows } = await tx.query(once('SELECT to_regnamespace($1) IS NOT NULL AS is_there', [name]));
    if ((rows[0] as { is_there: boolean }).is_there) return;
    await tx.query(once(`CREATE SCHEMA IF NOT EXISTS ${name} AUTHORIZATION "${role}"`));
  });
}
