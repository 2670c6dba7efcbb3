import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { durably } from '../ledger/database.ts';

/** A study whose objects are to be removed. */
export interface PendingErasure {
  studyInstanceUid: string;
  attempts: number;
}

/** An object of such a study. */
export interface ErasedObject {
  sopInstanceUid: string;
  /** Name that it had in the spool, where it may still be. */
  file: string;
}

/** A file of the spool that is kept aside, since another object has its UID. */
export interface ConflictFile {
  file: string;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS erased_study (
  study_hash TEXT PRIMARY KEY, erasure TEXT NOT NULL, study_instance_uid TEXT UNIQUE, attempts INTEGER NOT NULL DEFAULT 0,
  next_ms INTEGER NOT NULL DEFAULT 0, fault TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erased_object (
  study_instance_uid TEXT NOT NULL, sop_instance_uid TEXT NOT NULL, file TEXT NOT NULL, PRIMARY KEY (study_instance_uid, sop_instance_uid, file)
) STRICT, WITHOUT ROWID;`;

/**
 * Studies that are erased, in the ledger's database. From the moment at which one is noted, its objects are in none of the ledger's other tables; their
 * names stay here until they are gone from everywhere. Of the study a hash stays for good, by which it is known if objects of it come again.
 */
export class ErasureLedger {
  readonly #database: DatabaseSync;

  /** @param database with the tables of `Ledger`, `StudyLedger` and `StepLedger` */
  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(SCHEMA);
  }

  /**
   * Takes a study out of the ledger, with what devices are doing for it. When it returns, that survives a power loss.
   *
   * @param erasure its id; the same again changes nothing: what has come since stays
   * @returns whether it is new
   */
  begin(studyInstanceUid: string, erasure: string, nowMs: number): boolean {
    if (this.erasureOf(studyInstanceUid) === erasure) return false;
    durably(this.#database, () => this.#together(() => this.#takeOut(studyInstanceUid, erasure, nowMs)));
    return true;
  }

  /** The last one of a study; undefined: it was never erased. */
  erasureOf(studyInstanceUid: string): string | undefined {
    const row = this.#database
      .prepare('SELECT erasure FROM erased_study WHERE study_hash = ?')
      .get(hashOf(studyInstanceUid));
    return row?.['erasure'] as string | undefined;
  }

  /** Whether some of it is still to be removed. */
  isPending(studyInstanceUid: string): boolean {
    const text = 'SELECT 1 FROM erased_study WHERE study_instance_uid = ?';
    return this.#database.prepare(text).get(studyInstanceUid) !== undefined;
  }

  /** The one whose turn it is; undefined for none now. */
  due(nowMs: number): PendingErasure | undefined {
    const text = `SELECT study_instance_uid AS studyInstanceUid, attempts FROM erased_study
      WHERE study_instance_uid IS NOT NULL AND next_ms <= ? ORDER BY next_ms LIMIT 1`;
    return this.#database.prepare(text).get(nowMs) as PendingErasure | undefined;
  }

  /** When there is one; undefined for never. */
  nextMs(): number | undefined {
    const text = 'SELECT min(next_ms) AS next FROM erased_study WHERE study_instance_uid IS NOT NULL';
    return (this.#database.prepare(text).get() as { next: number | null }).next ?? undefined;
  }

  /** Objects of a study that are not gone yet, in the order of their UIDs. */
  objects(studyInstanceUid: string): ErasedObject[] {
    const text =
      'SELECT sop_instance_uid AS sopInstanceUid, file FROM erased_object WHERE study_instance_uid = ?';
    return this.#database.prepare(text).all(studyInstanceUid) as unknown as ErasedObject[];
  }

  /** Files of the spool that are to go. */
  files(): string[] {
    const rows = this.#database.prepare('SELECT file FROM erased_object').all() as { file: string }[];
    return rows.map(({ file }) => file);
  }

  /** An object is gone from everywhere. */
  objectGone(studyInstanceUid: string, { sopInstanceUid, file }: ErasedObject): void {
    const text =
      'DELETE FROM erased_object WHERE study_instance_uid = ? AND sop_instance_uid = ? AND file = ?';
    this.#database.prepare(text).run(studyInstanceUid, sopInstanceUid, file);
  }

  /** One that has come again under its UID is to be archived again. @returns whether there is one */
  archiveAgain(sopInstanceUid: string): boolean {
    const text = `UPDATE object SET state = 'received', next_ms = 0 WHERE sop_instance_uid = ? AND state = 'archived'`;
    return this.#database.prepare(text).run(sopInstanceUid).changes > 0;
  }

  /** Of which study they are, their files tell. */
  conflicts(): ConflictFile[] {
    return this.#database.prepare('SELECT file FROM conflict').all() as unknown as ConflictFile[];
  }

  conflictGone({ file }: ConflictFile): void {
    this.#database.prepare('DELETE FROM conflict WHERE file = ?').run(file);
  }

  /** Nothing of a study is left but what has come since, nor in the database's own journal. */
  done(studyInstanceUid: string): void {
    this.#together(() => this.#forget(studyInstanceUid));
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** It is tried again, not before a time. */
  postpone(studyInstanceUid: string, nextMs: number, fault: string): void {
    const text = `UPDATE erased_study SET attempts = attempts + 1, next_ms = ?2, fault = ?3 WHERE study_instance_uid = ?1`;
    this.#database.prepare(text).run(studyInstanceUid, nextMs, fault);
  }

  /** Studies and objects that are not gone yet, and of how many studies the last attempt failed. */
  counts(): { studies: number; objects: number; failing: number } {
    const text = `SELECT count(study_instance_uid) AS studies, count(fault) AS failing,
      (SELECT count(*) FROM erased_object) AS objects FROM erased_study`;
    return { ...this.#database.prepare(text).get() } as unknown as ReturnType<ErasureLedger['counts']>;
  }

  #together(work: () => void): void {
    this.#database.exec('BEGIN');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #forget(studyInstanceUid: string): void {
    const text = `UPDATE erased_study SET study_instance_uid = NULL, attempts = 0, fault = NULL WHERE study_instance_uid = ?`;
    this.#database.prepare(text).run(studyInstanceUid);
    // Noted by an attempt to record it that was under way.
    this.#database
      .prepare(
        `DELETE FROM study WHERE study_instance_uid = ?1 AND NOT EXISTS (SELECT 1 FROM object WHERE study_instance_uid = ?1)`,
      )
      .run(studyInstanceUid);
  }

  #takeOut(uid: string, erasure: string, nowMs: number): void {
    const run = (text: string, ...values: (string | number)[]) => this.#database.prepare(text).run(...values);
    run(
      `INSERT INTO erased_study (study_hash, erasure, study_instance_uid, next_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (study_hash) DO UPDATE SET erasure = ?2, study_instance_uid = ?3, attempts = 0, next_ms = ?4, fault = NULL`,
      hashOf(uid),
      erasure,
      uid,
      nowMs,
    );
    run(
      `INSERT OR IGNORE INTO erased_object (study_instance_uid, sop_instance_uid, file)
         SELECT study_instance_uid, sop_instance_uid, file FROM object WHERE study_instance_uid = ?`,
      uid,
    );
    run('DELETE FROM object WHERE study_instance_uid = ?', uid);
    run('DELETE FROM study WHERE study_instance_uid = ?', uid);
    // A step names its studies in its content, which has the patient's name as well.
    run(
      `DELETE FROM performed_step WHERE EXISTS (
         SELECT 1 FROM json_each(content, '$.scheduled') s WHERE s.value ->> 'studyInstanceUid' = ?)`,
      uid,
    );
  }
}

const hashOf = (studyInstanceUid: string): string =>
  createHash('sha256').update(studyInstanceUid).digest('hex');
