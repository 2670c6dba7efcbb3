import type { Database } from '../postgres/database.ts';
import { textArray } from '../resource/binaryArray.ts';
import { once, type Run } from './types.ts';

/** A study whose images are to be removed from the archive. */
export interface ErasedStudy {
  studyInstanceUid: string;
  /** Id of the certificate of the erasure: tells it from another one of the same study. */
  certificate: string;
  /** That have not removed them. */
  attempts: number;
}

/** The studies of patients who were erased, until the archive has no images of them any more. */
export class ErasedStudies {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#table = `"${schema}".erased_study`;
  }

  /** Notes them in the transaction that erases their patient. */
  async note(run: Run, certificate: string, studyInstanceUids: readonly string[]): Promise<void> {
    if (studyInstanceUids.length === 0) return;
    const text = `INSERT INTO ${this.#table} (study_instance_uid, certificate) SELECT u, $2 FROM unnest($1::text[]) u
      ON CONFLICT (study_instance_uid) DO UPDATE SET certificate = $2, next_attempt = clock_timestamp(), attempts = 0, fault = NULL`;
    await run(once(text, [textArray(studyInstanceUids), certificate]));
  }

  /** Those of some studies that are noted. */
  async among(run: Run, studyInstanceUids: readonly string[]): Promise<Set<string>> {
    const text = `SELECT study_instance_uid AS uid FROM ${this.#table} WHERE study_instance_uid = ANY ($1::text[])`;
    const { rows } = await run({ name: 'erased-studies', text, values: [textArray(studyInstanceUids)] });
    return new Set((rows as { uid: string }[]).map(({ uid }) => uid));
  }

  /** Those that are to be removed now, the longest waiting first. */
  async due(limit: number): Promise<ErasedStudy[]> {
    const text = `SELECT study_instance_uid AS "studyInstanceUid", certificate, attempts FROM ${this.#table}
      WHERE next_attempt <= clock_timestamp() ORDER BY next_attempt LIMIT $1`;
    const { rows } = await this.#database.read(once(text, [limit]));
    return rows as unknown as ErasedStudy[];
  }

  /** The archive has nothing of it any more. @returns whether it was not known before */
  async removed({ studyInstanceUid, certificate }: ErasedStudy): Promise<boolean> {
    const text = `DELETE FROM ${this.#table} WHERE study_instance_uid = $1 AND certificate = $2 RETURNING 1 AS gone`;
    return (await this.#database.write(once(text, [studyInstanceUid, certificate]))).rows.length > 0;
  }

  /** It is asked for again after so long. @param fault absent: the archive is at it */
  async postpone(
    { studyInstanceUid, certificate }: ErasedStudy,
    pauseMs: number,
    fault?: string,
  ): Promise<void> {
    const text = `UPDATE ${this.#table} SET attempts = attempts + 1, fault = $4,
      next_attempt = clock_timestamp() + $3 * interval '1 millisecond' WHERE study_instance_uid = $1 AND certificate = $2`;
    await this.#database.write(once(text, [studyInstanceUid, certificate, pauseMs, fault ?? null]));
  }

  /** How many there are, and of how many the last attempt failed. */
  async counts(): Promise<{ waiting: number; failing: number }> {
    const text = `SELECT count(*)::integer AS waiting, count(fault)::integer AS failing FROM ${this.#table}`;
    return (await this.#database.read(once(text))).rows[0] as { waiting: number; failing: number };
  }
}
