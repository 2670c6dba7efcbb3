import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { loadDefinitions } from '../store/definitionsCache.ts';
import { openDatabase, type Database } from '../store/postgres/database.ts';
import { defaultDataDir } from '../store/postgres/embedded/layout.ts';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../store/postgres/embedded/start.ts';
import { tenantFolder, tenantFolders } from '../main/tenants/tenantPlace.ts';
import { isCurrent, migrate } from '../store/postgres/migrations/migrate.ts';
import { readStoreSecret } from '../store/postgres/migrations/storeSecret.ts';
import { StartError } from '../store/postgres/startError.ts';
import { PUBLIC_BASE_SETTING, Settings } from '../store/settings.ts';
import { openStore, type Store } from '../store/store.ts';
import { TenantTable } from '../store/tenants/tenantTable.ts';

const CHECKOUT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Base of a store that no server has served yet: no reference can point there. */
const UNSERVED_BASE = 'http://unserved.invalid';

export interface OpenedStore {
  store: Store;
  database: Database;
  schema: string;
  /** Where it keeps files. */
  dataDir: string;
  close(): Promise<void>;
}

/**
 * Opens a store for a command-line tool: that of a running server, or with a PostgreSQL started for the moment.
 *
 * @param tenant absent: the main store
 * @throws StartError when there is none
 */
export async function openStoreForTools(config: Config, tenant?: string): Promise<OpenedStore> {
  const dataDir = dataDirOf(config);
  const main = config.databaseSchema;
  const running = config.databaseUrl ?? findEmbeddedPostgres(dataDir);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const connection = running ?? (await startFor(dataDir, closers));
    const database = await openDatabase({
      connection: typeof connection === 'string' ? connection : { ...connection },
    });
    closers.push(() => database.close());
    await requireStore(database, main);
    await migrate(database, main);
    const { schema, folder } =
      tenant === undefined
        ? { schema: main, folder: dataDir }
        : await findTenant(database, { main, dataDir, name: tenant });
    const definitions = await loadDefinitions(path.join(dataDir, 'cache'));
    const base = await new Settings(database, schema).read(PUBLIC_BASE_SETTING);
    const secret = await readStoreSecret(database, schema);
    const store = openStore(database, schema, definitions, secret, base ?? UNSERVED_BASE);
    await store.reindexing.load();
    return { store, database, schema, dataDir: folder, close };
  } catch (error) {
    await close(); // connections left open would keep the process from ending
    throw error;
  }
}

export const dataDirOf = (config: Config): string => config.dataDir ?? defaultDataDir(CHECKOUT);

/** A tool that made the store it should look at would find it in order. */
async function requireStore(database: Database, schema: string): Promise<void> {
  const statement = { name: '', text: 'SELECT to_regclass($1) AS store', values: [`"${schema}".setting`] };
  const { rows } = await database.read(statement);
  if ((rows[0] as { store: string | null }).store !== null) return;
  throw new StartError(
    `there is no store "${schema}" in this database. Check DATABASE_URL, DATABASE_SCHEMA and MAXRAY_DATA_DIR.`,
  );
}

async function findTenant(
  database: Database,
  { main, dataDir, name }: { main: string; dataDir: string; name: string },
): Promise<{ schema: string; folder: string }> {
  const row = await new TenantTable(database, main).find(name);
  if (row?.state !== 'ready') throw new StartError(`there is no tenant "${name}", or it is not ready`);
  if (!(await isCurrent(database, row.schema)))
    throw new StartError(
      `the tenant "${name}" is of another release: let a server of this one open it first`,
    );
  const folders = tenantFolders(dataDir, await readStoreSecret(database, main));
  return { schema: row.schema, folder: tenantFolder(folders, row) };
}

async function startFor(dataDir: string, closers: (() => Promise<void>)[]) {
  const postgres = await startEmbeddedPostgres({ dataDir });
  closers.push(() => postgres.stop());
  return postgres.connection;
}
