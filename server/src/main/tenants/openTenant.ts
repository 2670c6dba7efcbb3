import type { Logger } from 'pino';
import type { Log } from '../../store/postgres/log.ts';
import { isCurrent } from '../../store/postgres/migrations/migrate.ts';
import type { TenantRow } from '../../store/tenants/tenantTable.ts';
import { Lifetime } from '../lifetime.ts';
import type { Machine } from '../machine.ts';
import { openServedStore, type ServedStore } from '../servedStore.ts';
import type { StorePlace } from '../storePlace.ts';
import { makeSchema, withSchemaRights } from './schemaRights.ts';
import { tenantPlace } from './tenantPlace.ts';

/** What tenants are opened with. */
export interface TenantParts {
  machine: Machine;
  /** Of the main store. */
  main: StorePlace;
  /** Whether requests may come. */
  ready: () => boolean;
  /** Where tenants keep files on this machine. */
  folders: string;
  /** A name of prepared statements that no other opening has. */
  newPrefix: () => string;
}

/** Opens the store of a tenant until the end of `lifetime`; after an upgrade its schema is migrated first. */
export async function openTenant(
  { machine, main, ready, folders, newPrefix }: TenantParts,
  row: TenantRow,
  lifetime: Lifetime,
): Promise<ServedStore> {
  const { database, schemaRights, toLog } = machine;
  if (!(await isCurrent(database, row.schema)))
    await withSchemaRights(schemaRights, { tenant: row.name, log: toLog }, (admin) =>
      makeSchema(admin, schemaRights, row.schema),
    );
  const place = await tenantPlace(machine, main, row, { folders, prefix: newPrefix() }, lifetime);
  return openServedStore(asTenant(machine, row.name), place, { ready }, lifetime);
}

/** Opens it for a moment. */
export async function withTenant<T>(
  parts: TenantParts,
  row: TenantRow,
  work: (served: ServedStore) => Promise<T>,
): Promise<T> {
  const lifetime = new Lifetime();
  try {
    return await work(await openTenant(parts, row, lifetime));
  } finally {
    await lifetime.end();
  }
}

/** The log says of which tenant it speaks. */
function asTenant(machine: Machine, tenant: string): Machine {
  const log: Logger = machine.log.child({ tenant });
  const toLog: Log = (level, message) => log[level](message);
  return { ...machine, log, toLog, onProgress: () => undefined };
}
