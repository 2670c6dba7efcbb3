import { createHash } from 'node:crypto';
import path from 'node:path';

/** What the audit log keeps in the data folder, outside of the database. */
export interface AuditLayout {
  folder: string;
  /** One folder for each store, with one for each process that has a journal. */
  journals: string;
  /** Private key that signs checkpoints, unless another file is given. */
  key: string;
  /** Public keys of all private ones that were ever used here. */
  publicKeys: string;
  /** Copies of the checkpoints. */
  copies: string;
}

export function auditLayout(dataDir: string): AuditLayout {
  const folder = path.join(dataDir, 'audit');
  return {
    folder,
    journals: path.join(folder, 'journal'),
    key: path.join(folder, 'seal.key'),
    publicKeys: path.join(folder, 'keys'),
    copies: path.join(folder, 'checkpoints.jsonl'),
  };
}

/** Characters of a store's name among journals. */
const STORE_CHARS = 16;

/**
 * Where the journals of a store lie: with another DATABASE_URL or DATABASE_SCHEMA nothing of it gets into another store's log.
 *
 * @param secret the store's
 */
export function journalsOf({ journals }: AuditLayout, secret: Uint8Array): string {
  return path.join(journals, createHash('sha256').update(secret).digest('hex').slice(0, STORE_CHARS));
}
