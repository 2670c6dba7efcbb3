import type { DatabaseSync } from 'node:sqlite';
import { ENCAPSULATED_PDF, WRITE_BACK_SOURCE } from '../documents/writtenBack.ts';
import { Statements } from './statements.ts';

/**
 * What the record says of a study:
 * - `arriving`: further objects may come;
 * - `complete`: nothing has come for a while, and all that was received or announced is there;
 * - `partial`: nothing has come for a while, and something that was received or announced is missing.
 */
export type Completeness = 'arriving' | 'complete' | 'partial';

/** A study as the recorder sees it. */
export interface StudyRow {
  studyInstanceUid: string;
  /** Null: it is not in the record yet. */
  completeness: Completeness | null;
  attempts: number;
  /** SOP Instance UIDs that devices say they have made (MPPS); null: they have said nothing. */
  announced: string[] | null;
}

/** How much of a study has not got into the archive. */
export interface Outstanding {
  /** Objects on their way into the archive, but for reports that are written back. */
  waiting: number;
  /** Objects that the archive refuses. */
  quarantined: number;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS study (
  study_instance_uid TEXT PRIMARY KEY, completeness TEXT, quiet_ms INTEGER, next_ms INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0, fault TEXT, announced TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS study_quiet ON study (quiet_ms) WHERE quiet_ms IS NOT NULL;`;

/**
 * Studies that are to be recorded: those with an object that is archived and not recorded, those whose quiet time is over, and those that are called
 * complete though the archive has refused an object since.
 */
const DUE = `
  SELECT DISTINCT o.study_instance_uid AS uid, coalesce(s.next_ms, 0) AS due_ms
    FROM object o LEFT JOIN study s ON s.study_instance_uid = o.study_instance_uid WHERE o.state = 'archived'
  UNION SELECT study_instance_uid, max(quiet_ms, next_ms) FROM study WHERE quiet_ms IS NOT NULL
  UNION SELECT o.study_instance_uid, s.next_ms FROM object o JOIN study s ON s.study_instance_uid = o.study_instance_uid
    WHERE o.state = 'quarantined' AND s.completeness = 'complete'`;

/** How far the record of each study is. What is to be done follows from this and from the objects, so that no crash loses it. */
export class StudyLedger {
  readonly #statements: Statements;

  /** @param database the one in which the objects are (`Ledger`) */
  constructor(database: DatabaseSync) {
    database.exec(SCHEMA);
    this.#statements = new Statements(database);
  }

  /** Studies to record now, the longest waiting first. */
  due(nowMs: number, limit: number): string[] {
    const text = `SELECT uid FROM (${DUE}) WHERE due_ms <= ? GROUP BY uid ORDER BY min(due_ms) LIMIT ?`;
    return (this.#statements.prepare(text).all(nowMs, limit) as { uid: string }[]).map(({ uid }) => uid);
  }

  /** When the next one is to be recorded; undefined where there is none. */
  nextMs(): number | undefined {
    const row = this.#statements.prepare(`SELECT min(due_ms) AS next FROM (${DUE})`).get();
    return (row as { next: number | null }).next ?? undefined;
  }

  find(studyInstanceUid: string): StudyRow {
    const text = 'SELECT completeness, attempts, announced FROM study WHERE study_instance_uid = ?';
    const row = this.#statements.prepare(text).get(studyInstanceUid) as
      { completeness: Completeness | null; attempts: number; announced: string | null } | undefined;
    if (!row) return { studyInstanceUid, completeness: null, attempts: 0, announced: null };
    const announced = row.announced === null ? null : (JSON.parse(row.announced) as string[]);
    return { studyInstanceUid, ...row, announced };
  }

  outstanding(studyInstanceUid: string): Outstanding {
    const text = `SELECT count(*) FILTER (WHERE state = 'received' AND NOT (sop_class_uid = ?2 AND source_ae_title = ?3)) AS waiting,
      count(*) FILTER (WHERE state = 'quarantined') AS quarantined FROM object WHERE study_instance_uid = ?1`;
    const statement = this.#statements.prepare(text);
    return statement.get(studyInstanceUid, ENCAPSULATED_PDF, WRITE_BACK_SOURCE) as unknown as Outstanding;
  }

  /**
   * The record says this of a study now.
   *
   * @param nextMs further objects are not recorded before then
   * @param quietMs when it is to be looked whether it is complete; null: not unless something comes
   */
  recorded(
    studyInstanceUid: string,
    completeness: Completeness,
    { nextMs, quietMs }: { nextMs: number; quietMs: number | null },
  ): void {
    const text = `INSERT INTO study (study_instance_uid, completeness, next_ms, quiet_ms) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT DO UPDATE SET completeness = ?2, next_ms = ?3, quiet_ms = ?4, attempts = 0, fault = NULL`;
    this.#statements.prepare(text).run(studyInstanceUid, completeness, nextMs, quietMs);
  }

  /** It could not be recorded: it is tried again, not before a time. */
  postpone(studyInstanceUid: string, nextMs: number, fault: string): void {
    const text = `INSERT INTO study (study_instance_uid, attempts, next_ms, fault) VALUES (?1, 1, ?2, ?3)
      ON CONFLICT DO UPDATE SET attempts = attempts + 1, next_ms = ?2, fault = ?3`;
    this.#statements.prepare(text).run(studyInstanceUid, nextMs, fault);
  }

  /**
   * A device has finished a step, and tells what it has made: the study need not be quiet any longer once all of that is there. What several steps
   * have made adds up.
   */
  announce(studyInstanceUid: string, sopInstanceUids: readonly string[], nowMs: number): void {
    const all = new Set([...(this.find(studyInstanceUid).announced ?? []), ...sopInstanceUids]);
    const text = `INSERT INTO study (study_instance_uid, announced) VALUES (?1, ?2)
      ON CONFLICT DO UPDATE SET announced = ?2, quiet_ms = CASE WHEN completeness IS NULL THEN NULL ELSE ?3 END`;
    this.#statements.prepare(text).run(studyInstanceUid, JSON.stringify([...all]), nowMs);
  }

  /** How many studies there are by what the record says of them, and how many could not be recorded at the last attempt. */
  counts(): Record<Completeness | 'failing', number> {
    const text = `SELECT count(*) FILTER (WHERE completeness = 'arriving') AS arriving, count(*) FILTER (WHERE completeness = 'complete') AS complete,
      count(*) FILTER (WHERE completeness = 'partial') AS partial, count(*) FILTER (WHERE fault IS NOT NULL) AS failing FROM study`;
    return { ...this.#statements.prepare(text).get() } as unknown as Record<Completeness | 'failing', number>;
  }
}
