import { scramVerifier } from '../postgres/embedded/password.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { APPEND_ONLY_TABLES } from '../postgres/migrations/0008_audit.ts';
import { AUDIT_SHOWN_TABLE } from '../postgres/migrations/0025_audit_shown.ts';
import { once } from '../postgres/migrations/migration.ts';
import { quoted } from '../postgres/migrations/schemaName.ts';

/** Tables of the log, to which rows are only added. */
const LOG_TABLES = [...APPEND_ONLY_TABLES, AUDIT_SHOWN_TABLE];
/** Tables of which rows are also updated, but whose form only migrations change. */
const BOOKKEEPING_TABLES = ['audit_journal', 'audit_forward'];
const ROLE = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * Makes a role that can run the server on a store, and not change or remove what is in its audit log: it owns all tables but
 * those of the log, of which it may read and add rows. To be called after each `migrate`, on a connection of the role that migrates.
 *
 * @param password absent: the role's is left as it is
 * @throws DatabaseError 42501 when the connection's user may not do so
 */
export async function grantRunningRole(
  admin: Database,
  schema: string,
  role: string,
  password?: string,
): Promise<void> {
  if (!ROLE.test(role)) throw new Error(`"${role}" cannot be the name of a role`);
  const name = `"${role}"`;
  const store = quoted(schema);
  await admin.transaction(async (tx) => {
    await tx.query(once('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`maxray.role.${role}`]));
    const { rows } = await tx.query(once('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]));
    if (rows.length === 0) await tx.query(once(`CREATE ROLE ${name} LOGIN`));
    // A verifier has no quotes; statements that define roles take no parameters.
    if (password !== undefined)
      await tx.query(once(`ALTER ROLE ${name} PASSWORD '${scramVerifier(password)}'`));
    await tx.query(once(`GRANT pg_read_all_stats TO ${name}`)); // the history's horizon looks at all who write
    await tx.query(once(`GRANT USAGE, CREATE ON SCHEMA ${store} TO ${name}`));
    for (const table of await otherTables(tx, schema, role)) {
      await tx.query(once(`ALTER ${table.kind} ${store}."${table.name}" OWNER TO ${name}`));
    }
    const defaults = `ALTER DEFAULT PRIVILEGES IN SCHEMA ${store} GRANT ALL ON`;
    await tx.query(once(`${defaults} TABLES TO ${name}`));
    await tx.query(once(`${defaults} SEQUENCES TO ${name}`));
    await grantLog(tx, store, name);
  });
}

/** Tables and sequences that the role is to own and does not: a change of owners waits for all who use a table. Those of identity columns follow their tables. */
async function otherTables(
  tx: Transaction,
  schema: string,
  role: string,
): Promise<{ name: string; kind: 'TABLE' | 'SEQUENCE' }[]> {
  const { rows } = await tx.query(
    once(
      `SELECT c.relname AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'S') AND c.relname <> ALL ($2::text[])
         AND pg_get_userbyid(c.relowner) <> $3
         AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                           AND d.deptype IN ('i', 'a') AND d.refobjsubid > 0)
       ORDER BY c.relname`,
      [schema, [...LOG_TABLES, ...BOOKKEEPING_TABLES, 'migration'], role],
    ),
  );
  return rows as { name: string; kind: 'TABLE' | 'SEQUENCE' }[];
}

async function grantLog(tx: Transaction, store: string, role: string): Promise<void> {
  const grants: [string, string[]][] = [
    ['SELECT, INSERT', LOG_TABLES],
    ['SELECT, INSERT, UPDATE', BOOKKEEPING_TABLES],
    ['SELECT', ['migration']],
  ];
  for (const [rights, tables] of grants) {
    for (const table of tables) {
      await tx.query(once(`REVOKE ALL ON ${store}.${table} FROM ${role}, PUBLIC`));
      await tx.query(once(`GRANT ${rights} ON ${store}.${table} TO ${role}`));
    }
  }
  const sequence = `${store}.audit_record_place_seq`;
  await tx.query(once(`REVOKE ALL ON SEQUENCE ${sequence} FROM ${role}, PUBLIC`));
  await tx.query(once(`GRANT SELECT ON SEQUENCE ${sequence} TO ${role}`)); // sealing looks at its last value
}

/** Whether the connection's user could change the audit log, if it were not for triggers that it may remove. */
export async function canChangeLog(database: Database, schema: string): Promise<boolean> {
  const tables = LOG_TABLES.map((table) => `${quoted(schema)}.${table}`);
  const text = `SELECT bool_or(has_table_privilege(t, 'UPDATE') OR has_table_privilege(t, 'DELETE') OR has_table_privilege(t, 'TRUNCATE')
      OR pg_has_role(c.relowner, 'USAGE') OR pg_has_role(n.nspowner, 'USAGE')) AS can
    FROM unnest($1::text[]) AS t JOIN pg_class c ON c.oid = t::regclass JOIN pg_namespace n ON n.oid = c.relnamespace`;
  const { rows } = await database.read(once(text, [tables]));
  return (rows[0] as { can: boolean }).can;
}
