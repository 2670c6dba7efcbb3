import type { Database } from '../database.ts';
import { StartError } from '../startError.ts';
import { quoted } from './schemaName.ts';

const SECRET = /^[0-9a-f]{32}$/;

/** The 16 bytes that key the hashes of a store's index: made with the store, the same for all its processes. */
export async function readStoreSecret(database: Database, schema: string): Promise<Buffer> {
  const text = `SELECT value FROM ${quoted(schema)}.setting WHERE name = 'hash-secret'`;
  const { rows } = await database.read({ name: '', text, values: [] });
  const value = (rows[0] as { value: string } | undefined)?.value ?? '';
  if (SECRET.test(value)) return Buffer.from(value, 'hex');
  throw new StartError(
    `the store "${schema}" has lost the secret of its index (${schema}.setting, hash-secret). Restore it from a backup.`,
  );
}
