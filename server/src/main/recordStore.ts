import type { Definitions } from '../fhir/definitions/types.ts';
import { readStoreSecret } from '../store/postgres/migrations/storeSecret.ts';
import type { Database } from '../store/postgres/database.ts';
import type { Log } from '../store/postgres/log.ts';
import {
  INDEX_BASE_SETTING,
  INDEX_FORM,
  INDEX_FORM_SETTING,
  PUBLIC_BASE_SETTING,
  type Settings,
} from '../store/settings.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Lifetime } from './lifetime.ts';

export interface RecordStoreParts {
  database: Database;
  schema: string;
  settings: Settings;
  definitions: Definitions;
  /** The FHIR base that clients use. */
  base: string;
  log: Log;
}

/** The store of resources on a database whose schema is up to date, with its index kept until the end of `lifetime`. */
export async function openRecordStore(parts: RecordStoreParts, lifetime: Lifetime): Promise<Store> {
  const { database, schema, settings, definitions, base, log } = parts;
  await rememberBase(settings, base, log);
  if ((await settings.read(INDEX_FORM_SETTING)) === undefined)
    await settings.write(INDEX_FORM_SETTING, INDEX_FORM);
  const secret = await readStoreSecret(database, schema);
  const store = openStore(database, schema, definitions, secret, base, log);
  await openIndex(store, log);
  lifetime.atEnd(() => store.reindexing.stop());
  return store;
}

/** Absolute references to this base are indexed as relative ones; command-line tools must know it to check them. */
async function rememberBase(settings: Settings, base: string, log: Log): Promise<void> {
  const before = await settings.read(PUBLIC_BASE_SETTING);
  if ((await settings.read(INDEX_BASE_SETTING)) === undefined)
    await settings.write(INDEX_BASE_SETTING, before ?? base);
  if (before === base) return;
  if (before !== undefined) log('warn', `the public address has changed from ${before} to ${base}`);
  await settings.write(PUBLIC_BASE_SETTING, base);
}

/** The index as this server knows it. One that was written for other conditions finds less than it should, and nothing else would tell. */
async function openIndex({ reindexing }: Store, log: Log): Promise<void> {
  await reindexing.load();
  for (const reason of await reindexing.outdated()) {
    const todo = 'Searches may miss what was written before: run POST $reindex, or npx maxray reindex.';
    log('warn', `${reason} ${todo}`);
  }
  reindexing.start();
}
