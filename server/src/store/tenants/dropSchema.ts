import type { Database } from '../postgres/database.ts';
import { once } from '../postgres/migrations/migration.ts';
import { quoted } from '../postgres/migrations/schemaName.ts';

/** PostgreSQL locks each table and index that a transaction drops, and has room for some thousands. */
const TABLES_AT_ONCE = 50;

/**
 * Drops the schema of a store with all that is in it. What was cut off goes on when it is repeated.
 *
 * @param admin of a role that owns it
 * @throws DatabaseError 42501 when the role may not
 */
export async function dropSchema(admin: Database, schema: string): Promise<void> {
  const name = quoted(schema);
  for (;;) {
    const { rows } = await admin.read(
      once(
        `SELECT c.relname AS "table" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY c.oid DESC LIMIT $2`,
        [schema, TABLES_AT_ONCE],
      ),
    );
    if (rows.length === 0) break;
    const tables = (rows as { table: string }[]).map(({ table }) => `${name}."${table}"`);
    await admin.transaction((tx) => tx.query(once(`DROP TABLE IF EXISTS ${tables.join(', ')} CASCADE`)));
  }
  await admin.transaction((tx) => tx.query(once(`DROP SCHEMA IF EXISTS ${name} CASCADE`)));
}
