import type { Database } from '../postgres/database.ts';

/** Step of the sequence `row_id`: a process takes ids in blocks of this many (see migration 0001). */
export const ROW_ID_BLOCK = 1000;

/** Hands out row ids from blocks of the store's sequence, so that a write needs no round trip for them. */
export class RowIds {
  readonly #database: Database;
  readonly #schema: string;
  #next = 0;
  #end = 0;
  #refill: Promise<void> | undefined;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** `count` ids that nobody else has; gaps are normal. */
  async take(count: number): Promise<number[]> {
    const ids: number[] = [];
    while (ids.length < count) {
      if (this.#next < this.#end) ids.push(this.#next++);
      else await (this.#refill ??= this.#fetchBlock().finally(() => (this.#refill = undefined)));
    }
    return ids;
  }

  async #fetchBlock(): Promise<void> {
    const result = await this.#database.read({
      name: 'row-ids',
      text: `SELECT nextval('"${this.#schema}".row_id') AS first`,
      values: [],
    });
    this.#next = Number(result.rows[0]!.first);
    this.#end = this.#next + ROW_ID_BLOCK;
  }
}
