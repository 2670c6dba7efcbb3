import type { ClientConfig } from 'pg';
import { ConfigError, type Config } from '../config.ts';
import type { BlobStore } from '../store/blob/blobStore.ts';
import { blobUrlBelow, openBlobStore } from '../store/blob/open.ts';
import { makeFolder } from '../store/makeFolder.ts';
import { canChangeLog } from '../store/audit/runningRole.ts';
import { openDatabase, type Database, type DatabaseOptions } from '../store/postgres/database.ts';
import { startEmbeddedPostgres } from '../store/postgres/embedded/start.ts';
import type { Log } from '../store/postgres/log.ts';
import { migrate } from '../store/postgres/migrations/migrate.ts';
import { StartError } from '../store/postgres/startError.ts';
import type { Lifetime } from './lifetime.ts';
import { RUNNING_ROLE, openAsRunner } from './runningRole.ts';
import type { SchemaRights } from './tenants/schemaRights.ts';

/** SQLSTATE of what the database user may not do. */
const INSUFFICIENT_PRIVILEGE = '42501';

/** As root, PostgreSQL's account must get through to its own folder in it; nobody may list it. */
export function makeDataDir(dataDir: string): void {
  try {
    makeFolder(dataDir, 0o711);
  } catch (error) {
    throw new ConfigError(
      'MAXRAY_DATA_DIR',
      `is ${dataDir}, which cannot be made (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

export interface StorageOptions {
  config: Config;
  dataDir: string;
  log: Log;
  onProgress: (message: string) => void;
  /** Given up at the next step when it is aborted. */
  stopping: AbortSignal;
  /** Awaited when the database answers, before anything in it is changed. */
  beforeStore?: (() => Promise<void>) | undefined;
}

/** A database that is open, and how it is connected to. */
export interface OpenStorage {
  database: Database;
  connection: string | ClientConfig;
  /** As whom the schemas of tenants are made. */
  schemaRights: SchemaRights;
}

/** The database that DATABASE_URL names, or the embedded one, with an up-to-date schema; closed at the end of `lifetime`. */
export async function openStorage(
  { config, dataDir, log, onProgress, stopping, beforeStore }: StorageOptions,
  lifetime: Lifetime,
): Promise<OpenStorage> {
  const options = { searchTimeoutMs: config.searchTimeoutMs, log };
  const prepare = async (admin: Database) => {
    await beforeStore?.();
    await prepareSchema(admin, config.databaseSchema, onProgress);
  };
  if (config.databaseUrl === undefined) {
    const postgres = await startEmbeddedPostgres({ dataDir, onProgress, log });
    lifetime.atEnd(() => postgres.stop());
    stopping.throwIfAborted();
    const opened = await openAsRunner({
      ...options,
      store: config.databaseSchema,
      connection: { ...postgres.connection },
      dataDir,
      prepare,
    });
    lifetime.atEnd(() => opened.database.close());
    stopping.throwIfAborted();
    return { ...opened, schemaRights: { connection: { ...postgres.connection }, runningRole: RUNNING_ROLE } };
  }
  const connection = config.databaseUrl;
  const database = await openOwnDatabase({ ...options, connection });
  lifetime.atEnd(() => database.close());
  stopping.throwIfAborted();
  await prepare(database);
  await warnOfRights(database, config.databaseSchema, log);
  return { database, connection, schemaRights: await ownSchemaRights(config, database, connection) };
}

/** Of the user of DATABASE_ADMIN_URL, who gives that of DATABASE_URL what it needs; else of that one. */
async function ownSchemaRights(
  { databaseAdminUrl }: Config,
  database: Database,
  connection: string,
): Promise<SchemaRights> {
  if (databaseAdminUrl === undefined) return { connection };
  const { rows } = await database.read({ name: '', text: 'SELECT current_user AS name', values: [] });
  return { connection: databaseAdminUrl, runningRole: (rows[0] as { name: string }).name };
}

/** A server that could change its audit log should not: whoever gets hold of it could, too. */
async function warnOfRights(database: Database, schema: string, log: Log): Promise<void> {
  if (!(await canChangeLog(database, schema))) return;
  const text =
    'DATABASE_URL: its user owns the audit log and could change it. Migrate as one user and run the server as another (docs/operations.md).';
  log('warn', text);
}

/** The database that DATABASE_URL names. @throws StartError that says so: which database is meant is not obvious otherwise */
async function openOwnDatabase(options: DatabaseOptions): Promise<Database> {
  try {
    return await openDatabase(options);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new StartError(`DATABASE_URL: ${error.message}`, { cause: error });
  }
}

async function prepareSchema(
  database: Database,
  schema: string,
  onProgress: (message: string) => void,
): Promise<void> {
  try {
    await migrate(database, schema, { onProgress });
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new StartError(
      `DATABASE_URL: its user cannot make the schema "${schema}": ${(error as Error).message}. GRANT CREATE ON DATABASE to it, or make the schema and let it own that.`,
      { cause: error },
    );
  }
}

/**
 * Where the content of large Binary resources of a store lies; closed at the end of `lifetime`.
 *
 * @param folder below BLOB_URL: of a tenant, whose content lies by itself
 */
export async function openBlobs(
  config: Config,
  dataDir: string,
  lifetime: Lifetime,
  folder?: string,
): Promise<BlobStore> {
  const { awsAccessKeyId, awsSecretAccessKey } = config;
  const credentials =
    awsAccessKeyId === undefined || awsSecretAccessKey === undefined
      ? {}
      : { s3Credentials: { accessKeyId: awsAccessKeyId, secretAccessKey: awsSecretAccessKey } };
  const url = config.blobUrl ?? 'file:blobs';
  try {
    const blobs = await openBlobStore(folder === undefined ? url : blobUrlBelow(url, folder), {
      dataDir,
      ...credentials,
    });
    lifetime.atEnd(() => blobs.close());
    return blobs;
  } catch (error) {
    throw new ConfigError('BLOB_URL', `cannot be used: ${(error as Error).message}`);
  }
}
