import { createHash, hkdfSync } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../store/makeFolder.ts';
import { readStoreSecret } from '../../store/postgres/migrations/storeSecret.ts';
import { storeDatabase } from '../../store/postgres/storeDatabase.ts';
import type { TenantRow } from '../../store/tenants/tenantTable.ts';
import { Lifetime } from '../lifetime.ts';
import type { Machine } from '../machine.ts';
import { openBlobs } from '../storage.ts';
import { storePlace, type StorePlace } from '../storePlace.ts';
import { TENANTS_PATH } from './tenantUrl.ts';

const KEY_BYTES = 32;
/** Characters of an installation's name among folders. */
const SCOPE_CHARS = 16;

/**
 * The folder that has what the tenants of an installation keep outside of the database, each in a folder named as its schema: another
 * installation on the same data folder has another one.
 *
 * @param mainSecret of the main store
 */
export function tenantFolders(dataDir: string, mainSecret: Uint8Array): string {
  const scope = createHash('sha256').update(mainSecret).digest('hex').slice(0, SCOPE_CHARS);
  return path.join(dataDir, 'tenants', scope);
}

export const tenantFolder = (folders: string, { schema }: Pick<TenantRow, 'schema'>): string =>
  path.join(folders, schema);

const blobFolder = ({ schema }: Pick<TenantRow, 'schema'>): string => `tenants/${schema}`;

/** Where a tenant is served. Its schema is up to date. @param prefix of its prepared statements */
export async function tenantPlace(
  machine: Machine,
  main: StorePlace,
  row: TenantRow,
  { folders, prefix }: { folders: string; prefix: string },
  lifetime: Lifetime,
): Promise<StorePlace> {
  const { name, schema } = row;
  const folder = tenantFolder(folders, row);
  makeFolder(folder, 0o700);
  const database = storeDatabase(machine.database, prefix);
  const secret = await readStoreSecret(database, schema);
  return storePlace({
    tenant: name,
    schema,
    database,
    root: `${main.root}${TENANTS_PATH}${name}`,
    // Of the machine's key and the store's secret: what one store has sealed or signed opens in no other.
    key: Buffer.from(hkdfSync('sha256', machine.key, secret, 'maxray tenant', KEY_BYTES)),
    dataDir: folder,
    blobs: await openBlobs(machine.config, machine.dataDir, lifetime, blobFolder(row)),
  });
}

/** Removes what a tenant keeps outside of the database: here, and where blobs are. */
export async function removeFiles(
  { config, dataDir }: Machine,
  row: Pick<TenantRow, 'schema'>,
  folders: string,
): Promise<void> {
  const lifetime = new Lifetime();
  try {
    await (await openBlobs(config, dataDir, lifetime, blobFolder(row))).removeAll();
  } finally {
    await lifetime.end();
  }
  await removeFolder(tenantFolder(folders, row));
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** Schemas of the tenants of which this machine has a folder. */
export function foldersOf(folders: string): string[] {
  try {
    return readdirSync(folders);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
