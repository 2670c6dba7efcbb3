import path from 'node:path';

/** What the audit log keeps in the data folder, outside of the database. */
export interface AuditLayout {
  folder: string;
  /** One folder for each process that has a journal. */
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
