import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { durably } from '../ledger/database.ts';

/** An object that somebody wants to be told of, whether we keep it. */
export interface ReferencedInstance {
  sopClassUid: string;
  sopInstanceUid: string;
}

/** A request for storage commitment that was taken on, and not reported on yet. */
export interface Commitment {
  /** AE title of who asked. */
  aeTitle: string;
  transactionUid: string;
  instances: readonly ReferencedInstance[];
  receivedMs: number;
  attempts: number;
  /** Not before then is it looked at again. */
  nextMs: number;
  fault: string | null;
}

/** Whether a request is new, known with the same objects, or known with others; `too-many`: who asks waits for too many reports. */
export type Repetition = 'new' | 'known' | 'other' | 'too-many';

/** Requests of one AE title that are not reported on yet. */
export const OPEN_COMMITMENTS_MAX = 1_000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS commitment (
  ae_title TEXT NOT NULL, transaction_uid TEXT NOT NULL, instances TEXT NOT NULL, received_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, next_ms INTEGER NOT NULL, fault TEXT,
  PRIMARY KEY (ae_title, transaction_uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS commitment_due ON commitment (next_ms);
CREATE INDEX IF NOT EXISTS commitment_of_peer ON commitment (ae_title, next_ms);`;

const COLUMNS = `ae_title AS aeTitle, transaction_uid AS transactionUid, instances, received_ms AS receivedMs, attempts, next_ms AS nextMs, fault`;

/** The values of a list that is given as JSON. */
const LISTED = '(SELECT value FROM json_each(?))';

/** Requests for storage commitment, by who asked and their Transaction UID, in the ledger's database. */
export class Commitments {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#database.exec(SCHEMA);
  }

  /** Notes a request. When it returns, that survives a power loss: who asked will wait for the report. */
  note(
    aeTitle: string,
    transactionUid: string,
    instances: readonly ReferencedInstance[],
    nowMs: number,
  ): Repetition {
    const text = JSON.stringify(instances);
    const known = this.#database
      .prepare('SELECT instances FROM commitment WHERE ae_title = ? AND transaction_uid = ?')
      .get(aeTitle, transactionUid);
    if (known) return known['instances'] === text ? 'known' : 'other';
    if (this.#countOf(aeTitle) >= OPEN_COMMITMENTS_MAX) return 'too-many';
    const insert =
      'INSERT INTO commitment (ae_title, transaction_uid, instances, received_ms, next_ms) VALUES (?, ?, ?, ?, ?)';
    durably(this.#database, () => this.#run(insert, [aeTitle, transactionUid, text, nowMs, nowMs]));
    return 'new';
  }

  /**
   * Of each who asked the one that is to be looked at now and waits longest, and of these those that wait longest: one that asks for much must not hide
   * the others.
   *
   * @param besides AE titles that are left out
   */
  due(nowMs: number, limit: number, besides: readonly string[]): Commitment[] {
    const text = `SELECT ${COLUMNS} FROM commitment WHERE (ae_title, transaction_uid) IN (
      SELECT ae_title, transaction_uid FROM (
        SELECT ae_title, transaction_uid, min(next_ms) FROM commitment
        WHERE next_ms <= ? AND ae_title NOT IN ${LISTED}
        GROUP BY ae_title ORDER BY 3 LIMIT ?
      )
    ) ORDER BY next_ms`;
    return this.#database.prepare(text).all(nowMs, JSON.stringify(besides), limit).map(commitmentOf);
  }

  /** When the next one is to be looked at; undefined where there is none. @param besides as for {@link due} */
  nextMs(besides: readonly string[]): number | undefined {
    const text = `SELECT min(next_ms) AS next FROM commitment WHERE ae_title NOT IN ${LISTED}`;
    const row = this.#database.prepare(text).get(JSON.stringify(besides));
    return (row as { next: number | null }).next ?? undefined;
  }

  /** It cannot be reported on yet, or the report was not taken. */
  postpone({ aeTitle, transactionUid }: Commitment, nextMs: number, fault: string | null): void {
    this.#run(
      'UPDATE commitment SET attempts = attempts + 1, next_ms = ?, fault = ? WHERE ae_title = ? AND transaction_uid = ?',
      [nextMs, fault, aeTitle, transactionUid],
    );
  }

  /** Those of its peer that came by then are given up. @returns how many */
  giveUp({ aeTitle }: Commitment, receivedMs: number): number {
    const text = 'DELETE FROM commitment WHERE ae_title = ? AND received_ms <= ?';
    return Number(this.#database.prepare(text).run(aeTitle, receivedMs).changes);
  }

  /** It is done with. */
  remove({ aeTitle, transactionUid }: Commitment): void {
    this.#run('DELETE FROM commitment WHERE ae_title = ? AND transaction_uid = ?', [aeTitle, transactionUid]);
  }

  #countOf(aeTitle: string): number {
    const text = 'SELECT count(*) AS count FROM commitment WHERE ae_title = ?';
    return (this.#database.prepare(text).get(aeTitle) as { count: number }).count;
  }

  #run(text: string, values: (string | number | null)[]): void {
    this.#database.prepare(text).run(...values);
  }
}

function commitmentOf(row: Record<string, SQLOutputValue>): Commitment {
  return {
    ...(row as unknown as Commitment),
    instances: JSON.parse(String(row['instances'])) as ReferencedInstance[],
  };
}
