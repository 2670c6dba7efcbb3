import path from 'node:path';
import { writeArchive } from '../../audit/archive/writeArchive.ts';
import { Audit } from '../../audit/audit.ts';
import { auditLayout } from '../../audit/layout.ts';
import { OUTCOME } from '../../audit/record.ts';
import { AuditTable } from '../../store/audit/auditTable.ts';
import { CheckpointTable } from '../../store/audit/checkpointTable.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { Database } from '../../store/postgres/database.ts';
import { once } from '../../store/postgres/migrations/migration.ts';
import { readStoreSecret } from '../../store/postgres/migrations/storeSecret.ts';
import { storeDatabase } from '../../store/postgres/storeDatabase.ts';
import type { TenantRow } from '../../store/tenants/tenantTable.ts';
import type { TenantParts } from './openTenant.ts';
import { tenantFolder } from './tenantPlace.ts';

/** How long it is waited for transactions that hold up the seal: what is not sealed then is kept as it is. */
const SEAL_WITHIN_MS = 10_000;
/** Tables of the log; where one is gone, a removal that was cut off has kept it already. */
const TABLES = ['audit_record', 'audit_checkpoint', 'audit_journal', 'setting'];

/** Where the logs of removed tenants are kept. */
const keptFolder = (dataDir: string, { schema }: TenantRow): string =>
  path.join(dataDir, 'removed-tenants', schema);

/**
 * Keeps the audit log of a tenant before the tenant is removed: seals it to its end and writes it to a folder.
 *
 * @param base absolute URL of its FHIR base
 * @returns SHA-256 of the log that is kept; undefined where there is none any more
 */
export async function keepLog(
  { machine, folders, newPrefix }: Pick<TenantParts, 'machine' | 'folders' | 'newPrefix'>,
  row: TenantRow,
  base: string,
): Promise<string | undefined> {
  const { dataDir, auditSettings: settings, toLog: log } = machine;
  const database = storeDatabase(machine.database, newPrefix());
  const { schema, name } = row;
  if (!(await hasLog(database, schema))) return undefined;
  const folder = tenantFolder(folders, row);
  const secret = await readStoreSecret(database, schema);
  const audit = new Audit({ database, schema, secret, base, dataDir: folder, settings, log });
  audit.start();
  await audit.append({
    recordedMs: Date.now(),
    event: 'audit-stopped',
    outcome: OUTCOME.success,
    agent: {},
    patients: [],
    resources: [],
    query: `$remove-tenant?name=${name}`,
  });
  await audit.stop(SEAL_WITHIN_MS);
  const archived = writeArchive(keptFolder(dataDir, row), {
    table: new AuditTable(database, schema),
    checkpoints: new CheckpointTable(database, schema),
    layout: auditLayout(folder),
    base,
    of: { tenant: name, schema, base },
  });
  const { sha256 } = await archived.catch((error: unknown) => {
    throw notKept(error);
  });
  return sha256;
}

/** What the disk does not allow; anything else is a defect. */
function notKept(error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  const text = `The audit log of the tenant cannot be kept in MAXRAY_DATA_DIR (${code}), so that nothing was removed: repeat $remove-tenant when it can.`;
  return fhirError('busy', 'transient', text);
}

async function hasLog(database: Database, schema: string): Promise<boolean> {
  const text = `SELECT count(*)::integer AS tables FROM pg_tables WHERE schemaname = $1 AND tablename = ANY ($2)`;
  const { rows } = await database.read(once(text, [schema, TABLES]));
  return (rows[0] as { tables: number }).tables === TABLES.length;
}
