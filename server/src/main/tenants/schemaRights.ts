import type { ClientConfig } from 'pg';
import { FhirError, errorIssue, fhirError } from '../../fhir/outcome.ts';
import { grantRunningRole } from '../../store/audit/runningRole.ts';
import { openDatabase, type Database, type Transaction } from '../../store/postgres/database.ts';
import type { Log } from '../../store/postgres/log.ts';
import { migrate } from '../../store/postgres/migrations/migrate.ts';
import { once } from '../../store/postgres/migrations/migration.ts';

/** As whom schemas are made, migrated and dropped. */
export interface SchemaRights {
  connection: string | ClientConfig;
  /** The role that runs the server, where that is another. */
  runningRole?: string;
}

/** SQLSTATE of what the database user may not do. */
const INSUFFICIENT_PRIVILEGE = '42501';
/** More often than PostgreSQL ends a transaction that is idle. */
const KEEP_MS = 20_000;
const RETRY_AFTER_S = 5;
/** One for the lock, one for what is done meanwhile. */
const FEW = { readConnections: 1, writeConnections: 1, quickConnections: 1, transactionConnectionsMax: 2 };

/**
 * Does something with the schema of a tenant that needs these rights, on a few connections of its own. Of all servers one at a time: its
 * lock ends with its connection, however that ends.
 *
 * @throws FhirError busy while another is at it, unprocessable when the rights are not enough
 */
export async function withSchemaRights<T>(
  { connection }: SchemaRights,
  { tenant, log }: { tenant: string; log: Log },
  work: (admin: Database) => Promise<T>,
): Promise<T> {
  const admin = await openDatabase({ connection, log, ...FEW });
  try {
    return await admin.transaction((tx) => locked(tx, tenant, () => work(admin)));
  } catch (error) {
    throw (error as { code?: string }).code === INSUFFICIENT_PRIVILEGE ? mayNot() : error;
  } finally {
    await admin.close();
  }
}

/** Brings the schema of a tenant to the shape of this release; makes it when there is none. */
export async function makeSchema(
  admin: Database,
  { runningRole }: SchemaRights,
  schema: string,
): Promise<void> {
  await migrate(admin, schema);
  if (runningRole !== undefined) await grantRunningRole(admin, schema, runningRole);
}

async function locked<T>(tx: Transaction, tenant: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await tx.query(
    once('SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS mine', [`maxray.tenant.${tenant}`]),
  );
  if ((rows[0] as { mine: boolean }).mine !== true) {
    const text = `The tenant ${tenant} is being made or removed at the moment. Try again.`;
    throw new FhirError('busy', [errorIssue('transient', text)], RETRY_AFTER_S);
  }
  // A connection that is lost is told by the next statement of whoever works.
  const timer = setInterval(() => void tx.query(once('SELECT 1')).catch(() => undefined), KEEP_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

const mayNot = (): FhirError =>
  fhirError(
    'unprocessable',
    'not-supported',
    'The database user of this server may not make or drop schemas: GRANT CREATE ON DATABASE to it, or set DATABASE_ADMIN_URL to a user who may.',
  );
