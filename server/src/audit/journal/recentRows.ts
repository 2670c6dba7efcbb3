import type { AuditRow } from '../../store/audit/auditRow.ts';
import { AuditRows } from '../../store/audit/auditRows.ts';

/** Rows of one transaction of the mover. */
export const BATCH_ROWS_MAX = 1_000;
/** Batches that are kept in memory; what comes beyond is read from the journal's files. */
export const RECENT_BATCHES_MAX = 8;

/** Rows of a journal that follow one another. */
export interface RowBatch {
  /** Number of the first row, and of the first behind the batch. */
  from: number;
  to: number;
  rows: AuditRows;
}

/** What was last written to the journal of this process, ready to be moved, so that it need not be read and parsed again. */
export class RecentRows {
  #batches: RowBatch[] = [];

  /** @param first number of the first of the rows, which are in the journal */
  add(first: number, rows: readonly AuditRow[]): void {
    rows.forEach((row, i) => this.#add(first + i, row));
  }

  /** Takes out what begins at a position; undefined where that is only in the files. */
  take(position: number): RowBatch | undefined {
    while (this.#batches.length > 0 && this.#batches[0]!.from < position) this.#batches.shift();
    return this.#batches[0]?.from === position ? this.#batches.shift() : undefined;
  }

  /** Number of the first row that is here. */
  get first(): number | undefined {
    return this.#batches[0]?.from;
  }

  clear(): void {
    this.#batches = [];
  }

  #add(number: number, row: AuditRow): void {
    let last = this.#batches.at(-1);
    if (last?.to !== number || last.rows.count >= BATCH_ROWS_MAX) {
      if (this.#batches.length >= RECENT_BATCHES_MAX) return;
      this.#batches.push((last = { from: number, to: number, rows: new AuditRows() }));
    }
    last.rows.add(row);
    last.to++;
  }
}
