import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { durably } from './database.ts';
import { Statements } from './statements.ts';
import type { ObjectAttributes } from '../objects/attributes.ts';
import type { ObjectHeader } from '../objects/objectHeader.ts';

/**
 * What is known of an object that was received:
 * - `received`: it is in the spool;
 * - `archived`: it is in the archive, and not in the record yet;
 * - `recorded`: it counts in its ImagingStudy, and has left the spool;
 * - `quarantined`: the archive refuses it; it stays in the spool.
 */
export type ObjectState = 'received' | 'archived' | 'recorded' | 'quarantined';

export interface ReceivedObject extends ObjectHeader {
  /** Of the data set, hexadecimal. */
  sha256: string;
  bytes: number;
  transferSyntaxUid: string;
  /** AE title of who sent it. */
  sourceAeTitle: string;
  /** Name in the spool. */
  file: string;
}

export interface LedgerRow extends ReceivedObject {
  state: ObjectState;
  receivedMs: number;
  attempts: number;
  /** Not before then is it tried again. */
  nextMs: number;
  fault: string | null;
}

/** Whether an object is new, known with the same content, or known with another. */
export type Novelty = 'new' | 'known' | 'conflict';
/** Besides that, `known-conflict`: known with another content, and with this one as a conflict. */
export type KnownNovelty = Novelty | 'known-conflict';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS object (
  sop_instance_uid TEXT PRIMARY KEY, sop_class_uid TEXT NOT NULL, study_instance_uid TEXT NOT NULL, series_instance_uid TEXT NOT NULL,
  transfer_syntax_uid TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, attributes TEXT NOT NULL, source_ae_title TEXT NOT NULL, file TEXT NOT NULL,
  state TEXT NOT NULL, received_ms INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_ms INTEGER NOT NULL DEFAULT 0, fault TEXT
) STRICT, WITHOUT ROWID;
DROP INDEX IF EXISTS object_due;
CREATE INDEX IF NOT EXISTS object_turn ON object (state, next_ms, received_ms);
CREATE INDEX IF NOT EXISTS object_state ON object (state, study_instance_uid);
CREATE INDEX IF NOT EXISTS object_file ON object (file);
CREATE INDEX IF NOT EXISTS object_study ON object (study_instance_uid, series_instance_uid);
CREATE TABLE IF NOT EXISTS conflict (
  sop_instance_uid TEXT NOT NULL, sha256 TEXT NOT NULL, source_ae_title TEXT NOT NULL, file TEXT NOT NULL, received_ms INTEGER NOT NULL,
  PRIMARY KEY (sop_instance_uid, sha256)
) STRICT, WITHOUT ROWID;`;

const COLUMNS = `sop_instance_uid AS sopInstanceUid, sop_class_uid AS sopClassUid, study_instance_uid AS studyInstanceUid,
  series_instance_uid AS seriesInstanceUid, transfer_syntax_uid AS transferSyntaxUid, sha256, bytes, attributes, source_ae_title AS sourceAeTitle,
  file, state, received_ms AS receivedMs, attempts, next_ms AS nextMs, fault`;

/**
 * Every object that was received, by its SOP Instance UID. What was noted survives a crash of the process; after a power loss the last notes
 * may be missing, which is why {@link Spool} is looked through at each start.
 */
export class Ledger {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;

  /** @param database as `openDatabase` opens it; whoever opened it closes it */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#database.exec(SCHEMA);
    this.#statements = new Statements(database);
  }

  /** Notes an object of the spool. What has another content than what is known under its UID is noted as a conflict. */
  note(object: ReceivedObject, nowMs: number): Novelty {
    const known = this.find(object.sopInstanceUid);
    if (known) {
      if (known.sha256 === object.sha256) return 'known';
      this.#run(
        'INSERT OR IGNORE INTO conflict (sop_instance_uid, sha256, source_ae_title, file, received_ms) VALUES (?, ?, ?, ?, ?)',
        [object.sopInstanceUid, object.sha256, object.sourceAeTitle, object.file, nowMs],
      );
      return 'conflict';
    }
    this.#run(
      `INSERT INTO object (sop_instance_uid, sop_class_uid, study_instance_uid, series_instance_uid, transfer_syntax_uid, sha256, bytes,
         attributes, source_ae_title, file, state, received_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', ?)`,
      [
        object.sopInstanceUid,
        object.sopClassUid,
        object.studyInstanceUid,
        object.seriesInstanceUid,
        object.transferSyntaxUid,
        object.sha256,
        object.bytes,
        JSON.stringify(object.attributes),
        object.sourceAeTitle,
        object.file,
        nowMs,
      ],
    );
    return 'new';
  }

  /** What noting it would come to. */
  noveltyOf({ sopInstanceUid, sha256 }: Pick<ReceivedObject, 'sopInstanceUid' | 'sha256'>): KnownNovelty {
    const text = `SELECT sha256, EXISTS (SELECT 1 FROM conflict c WHERE c.sop_instance_uid = o.sop_instance_uid AND c.sha256 = ?2) AS is_conflict
      FROM object o WHERE o.sop_instance_uid = ?1`;
    const known = this.#statements.prepare(text).get(sopInstanceUid, sha256);
    if (!known) return 'new';
    if (known['sha256'] === sha256) return 'known';
    return known['is_conflict'] === 1 ? 'known-conflict' : 'conflict';
  }

  find(sopInstanceUid: string): LedgerRow | undefined {
    const text = `SELECT ${COLUMNS} FROM object WHERE sop_instance_uid = ?`;
    const row = this.#statements.prepare(text).get(sopInstanceUid);
    return row && ledgerRow(row);
  }

  /** Whether a sender has sent another object under a UID than the one that is known. */
  hasConflict(sopInstanceUid: string, sourceAeTitle: string): boolean {
    const text = 'SELECT 1 FROM conflict WHERE sop_instance_uid = ? AND source_ae_title = ?';
    return this.#statements.prepare(text).get(sopInstanceUid, sourceAeTitle) !== undefined;
  }

  /** What has become of a file of the spool; `conflict`: it is kept aside. Undefined: nothing is known of it. */
  findFile(file: string): { state: ObjectState | 'conflict' } | undefined {
    const text = `SELECT state FROM object WHERE file = ?1 UNION ALL SELECT 'conflict' FROM conflict WHERE file = ?1 LIMIT 1`;
    return this.#statements.prepare(text).get(file) as { state: ObjectState | 'conflict' } | undefined;
  }

  /** Objects in a state that are to be tried now, the longest waiting first. */
  due(state: ObjectState, nowMs: number, limit: number): LedgerRow[] {
    const text = `SELECT ${COLUMNS} FROM object WHERE state = ? AND next_ms <= ? ORDER BY next_ms, received_ms LIMIT ?`;
    return this.#statements.prepare(text).all(state, nowMs, limit).map(ledgerRow);
  }

  /** Objects of a study that are in the archive, in the order of their UIDs. */
  ofStudy(studyInstanceUid: string): LedgerRow[] {
    const text = `SELECT ${COLUMNS} FROM object WHERE study_instance_uid = ? AND state IN ('archived', 'recorded')
      ORDER BY series_instance_uid, sop_instance_uid`;
    return this.#statements.prepare(text).all(studyInstanceUid).map(ledgerRow);
  }

  /** When the next object in a state is to be tried; undefined where there is none. */
  nextMs(state: ObjectState): number | undefined {
    const row = this.#statements
      .prepare('SELECT min(next_ms) AS next FROM object WHERE state = ?')
      .get(state);
    return (row as { next: number | null }).next ?? undefined;
  }

  /** An object has got further: what failed before is forgotten. */
  advance(sopInstanceUid: string, state: ObjectState): void {
    const text =
      'UPDATE object SET state = ?, attempts = 0, next_ms = 0, fault = NULL WHERE sop_instance_uid = ?';
    this.#run(text, [state, sopInstanceUid]);
  }

  /**
   * Objects count in their ImagingStudy. When it returns, that survives a power loss, as does all that was noted before: their files may go.
   */
  record(sopInstanceUids: readonly string[]): void {
    durably(this.#database, () => {
      this.#database.exec('BEGIN');
      try {
        for (const uid of sopInstanceUids) this.advance(uid, 'recorded');
        this.#database.exec('COMMIT');
      } catch (error) {
        this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** An attempt has failed: it is tried again, not before a time. */
  postpone(sopInstanceUid: string, nextMs: number, fault: string): void {
    const text =
      'UPDATE object SET attempts = attempts + 1, next_ms = ?, fault = ? WHERE sop_instance_uid = ?';
    this.#run(text, [nextMs, fault, sopInstanceUid]);
  }

  /** It is not tried any more until somebody says so. */
  quarantine(sopInstanceUid: string, fault: string): void {
    const text = `UPDATE object SET state = 'quarantined', fault = ? WHERE sop_instance_uid = ?`;
    this.#run(text, [fault, sopInstanceUid]);
  }

  /** How many objects are in each state, and how many conflicts there are. */
  counts(): Record<string, number> {
    const rows = this.#statements
      .prepare(
        `SELECT state, count(*) AS count FROM object GROUP BY state UNION ALL SELECT 'conflict', count(*) FROM conflict`,
      )
      .all() as { state: string; count: number }[];
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  #run(text: string, values: (string | number)[]): void {
    this.#statements.prepare(text).run(...values);
  }
}

function ledgerRow(row: Record<string, SQLOutputValue>): LedgerRow {
  return {
    ...(row as unknown as LedgerRow),
    attributes: JSON.parse(String(row['attributes'])) as ObjectAttributes,
  };
}
