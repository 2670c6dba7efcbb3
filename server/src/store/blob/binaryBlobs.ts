import type { Database } from '../postgres/database.ts';
import type { Transaction } from '../postgres/transaction.ts';
import type { BlobPut } from './blobStore.ts';

/** Which blob holds the bytes of a version of a Binary. */
export class BinaryBlobs {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#table = `"${schema}".binary_blob`;
  }

  /** Ties a blob to a version, in the transaction that writes the version. */
  async tie(tx: Transaction, id: string, version: number, blob: BlobPut): Promise<void> {
    await tx.query({
      name: 'binary-blob-tie',
      text: `INSERT INTO ${this.#table} (id, version, key, bytes, sha256) VALUES ($1, $2, $3, $4, $5)`,
      values: [id, version, blob.key, blob.bytes, blob.sha256],
    });
  }

  /** Undefined for a version whose bytes stand in its content. */
  async find(id: string, version: number): Promise<BlobPut | undefined> {
    const result = await this.#database.read({
      name: 'binary-blob-find',
      text: `SELECT key, bytes, sha256 FROM ${this.#table} WHERE id = $1 AND version = $2`,
      values: [id, version],
    });
    const row = result.rows[0] as { key: string; bytes: string; sha256: string } | undefined;
    return row && { key: row.key, bytes: Number(row.bytes), sha256: row.sha256 };
  }
}
