import type { Database, Statement } from '../postgres/database.ts';
import { AUDIT_PARAMETERS, auditInsert, type AuditRow, type StoredAuditRow } from './auditRow.ts';
import { auditParameters, type AuditRows } from './auditRows.ts';
import { RECORD_HASH_SQL } from './recordHashSql.ts';
import { shownFilter } from './shownFilter.ts';

/** So many rows of one batch have a filter for what they show; fewer have it in the index, which so few cost little. */
export const FILTERED_ROWS_MIN = 64;
/** Rows in one page of the log that is read from its beginning. */
const PAGE_ROWS = 500;
/** Bytes of a place among {@link HashedRows}. */
const PLACE_BYTES = 8;

export interface MovedBatch {
  /** Id of the journal. */
  journal: string;
  /** Number of its first record that is in `rows`, and of the first that is not. */
  from: number;
  to: number;
  rows: AuditRows;
}

/** Rows as they are sealed, in their order. */
export interface HashedRows {
  /** Place of the last one. */
  last: number;
  /** Places, 8 bytes each, big-endian. */
  places: Buffer;
  /** SHA-256 over all columns of each, 32 bytes. */
  hashes: Buffer;
}

interface RecordRow {
  place: string;
  recorded_ms: string;
  kind: number;
  outcome: number;
  version: number | null;
  keys: (string | null)[];
  payload: string;
}

const COLUMNS = 'place, recorded_ms, kind, outcome, version, keys, payload';

/** The table `audit_record`, and up to where journals have been moved into it. */
export class AuditTable {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** Number of the first record of a journal that is not in the log. */
  async position(journal: string): Promise<number> {
    const text = `SELECT position FROM "${this.#schema}".audit_journal WHERE id = $1`;
    const { rows } = await this.#database.read({ name: 'audit-position', text, values: [journal] });
    return Number((rows[0] as { position: string } | undefined)?.position ?? 0);
  }

  /** Makes a journal known; nothing when it is. */
  async register(journal: string): Promise<void> {
    const text = `INSERT INTO "${this.#schema}".audit_journal (id, position) VALUES ($1, 0) ON CONFLICT DO NOTHING`;
    await this.#database.write({ name: 'audit-register', text, values: [journal] });
  }

  /**
   * Writes records of a registered journal, and its new position, in one transaction.
   * @returns false, and nothing is done, when the journal does not stand at `from`
   */
  async move({ journal, from, to, rows }: MovedBatch): Promise<boolean> {
    const shown = rows.count >= FILTERED_ROWS_MIN ? rows.shownKeys() : [];
    const hasFilter = shown.length > 0;
    const insert = auditInsert({ schema: this.#schema, first: 4, onlyWith: 'moved' });
    const text = `WITH moved AS (
      UPDATE "${this.#schema}".audit_journal SET position = $3 WHERE id = $1 AND position = $2 RETURNING 1),
      written AS (${insert}${hasFilter ? ' RETURNING place' : ''})${hasFilter ? `, shown AS (${this.#shownInsert()})` : ''}
      SELECT count(*)::integer AS moved FROM moved`;
    const values: unknown[] = [journal, from, to, ...rows.parameters(hasFilter ? 'named' : 'all')];
    if (hasFilter) values.push(shownFilter(shown));
    const name = hasFilter ? 'audit-move-filtered' : 'audit-move';
    const answer = await this.#database.write({ name, text, values });
    return (answer.rows[0] as { moved: number }).moved === 1;
  }

  /** SQL that adds the filter of the rows of `written`, where there are any. */
  #shownInsert(): string {
    return `INSERT INTO "${this.#schema}".audit_shown (first, last, filter)
        SELECT min(place), max(place), $${4 + AUDIT_PARAMETERS}::bytea FROM written HAVING count(*) > 0`;
  }

  /** Moves the position over records that are lost, or were in a state of the database that is gone. */
  async skip(journal: string, from: number, to: number): Promise<void> {
    const text = `UPDATE "${this.#schema}".audit_journal SET position = $3 WHERE id = $1 AND position = $2`;
    await this.#database.write({ name: 'audit-skip', text, values: [journal, from, to] });
  }

  /** Writes rows outside of a journal, in a transaction of their own. */
  async write(rows: readonly AuditRow[]): Promise<void> {
    if (rows.length > 0) await this.#database.write(this.statement(rows));
  }

  /** What writes rows inside of a transaction. */
  statement(rows: readonly AuditRow[]): Statement {
    const text = auditInsert({ schema: this.#schema, first: 1 });
    return { name: 'audit-write', text, values: auditParameters(rows) };
  }

  /**
   * Places and hashes of the rows behind a place up to another, in their order. PostgreSQL puts a page together: as rows of an answer
   * they would cost this process as much as all else that it does with a record.
   *
   * @param rowsMax of a page
   */
  async *hashes(after: number, upTo: number, rowsMax: number): AsyncGenerator<HashedRows> {
    const text = `SELECT max(place) AS last, string_agg(int8send(place), ''::bytea ORDER BY place) AS places,
      string_agg(hash, ''::bytea ORDER BY place) AS hashes
      FROM (SELECT place, ${RECORD_HASH_SQL} AS hash FROM "${this.#schema}".audit_record
        WHERE place > $1 AND place <= $2 ORDER BY place LIMIT $3) page`;
    for (let from = after; ;) {
      const values = [from, upTo, rowsMax];
      const { rows } = await this.#database.read({ name: 'audit-hashes', text, values });
      const { last, places, hashes } = rows[0] as { last: string | null; places: Buffer; hashes: Buffer };
      if (last === null) return;
      yield { last: (from = Number(last)), places, hashes };
      if (places.length < rowsMax * PLACE_BYTES) return;
    }
  }

  /** The rows behind a place up to another, in their order, a page at a time. */
  async *between(after: number, upTo: number): AsyncGenerator<StoredAuditRow[]> {
    const text = `SELECT ${COLUMNS} FROM "${this.#schema}".audit_record
      WHERE place > $1 AND place <= $2 ORDER BY place LIMIT ${PAGE_ROWS}`;
    for (let last = after; ;) {
      const values = [last, upTo];
      const { rows } = await this.#database.read({ name: 'audit-between', text, values });
      if (rows.length > 0) yield (rows as unknown as RecordRow[]).map(storedRow);
      if (rows.length < PAGE_ROWS) return;
      last = Number((rows.at(-1) as unknown as RecordRow).place);
    }
  }
}

export function storedRow(row: RecordRow): StoredAuditRow {
  return {
    place: Number(row.place),
    recordedMs: Number(row.recorded_ms),
    kind: row.kind,
    outcome: row.outcome,
    version: row.version,
    keys: row.keys.flat(Infinity).map((key) => BigInt(key ?? 0)), // also where somebody has altered them
    payload: row.payload,
  };
}
