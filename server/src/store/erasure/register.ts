import type { BlobStore } from '../blob/blobStore.ts';
import type { Database } from '../postgres/database.ts';
import { textArray } from '../resource/binaryArray.ts';
import { once, type Run } from './types.ts';

/** Blobs that are removed between two notes of it. */
const BLOBS_AT_ONCE = 100;

/** What is known of erasures: their certificates, and what is still to be removed. */
export class ErasureRegister {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** @param subject keyed hash of whom was erased */
  async note(run: Run, certificate: string, subject: bigint): Promise<void> {
    const text = `INSERT INTO "${this.#schema}".erasure (certificate, subject) VALUES ($1, $2)`;
    await run(once(text, [certificate, subject]));
  }

  /** Id of the last certificate of an erasure. */
  async certificate(subject: bigint): Promise<string | undefined> {
    const text = `SELECT certificate FROM "${this.#schema}".erasure WHERE subject = $1 ORDER BY recorded DESC LIMIT 1`;
    const { rows } = await this.#database.read(once(text, [subject]));
    return rows[0]?.certificate as string | undefined;
  }

  /** Removes the blobs that are noted: also those that an earlier process did not come to. */
  async removeBlobs(blobs: Pick<BlobStore, 'delete'>): Promise<void> {
    for (;;) {
      const text = `SELECT key FROM "${this.#schema}".erased_blob LIMIT ${BLOBS_AT_ONCE}`;
      const { rows } = await this.#database.read(once(text));
      if (rows.length === 0) return;
      const keys = (rows as { key: string }[]).map(({ key }) => key);
      await Promise.all(keys.map((key) => blobs.delete(key)));
      const gone = `DELETE FROM "${this.#schema}".erased_blob WHERE key = ANY ($1::text[])`;
      await this.#database.write(once(gone, [textArray(keys)]));
    }
  }
}
