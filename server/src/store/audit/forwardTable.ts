import type { Database } from '../postgres/database.ts';

/** Up to which place each sink has the records of the log, and which process is at it: one at a time, for a limited time. */
export class ForwardTable {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /**
   * Takes or keeps the right to send to a sink for so long.
   * @returns the last place that was sent; undefined while another process has it
   */
  async hold(sink: string, holder: string, holdMs: number): Promise<number | undefined> {
    const text = `INSERT INTO "${this.#schema}".audit_forward AS f (sink, holder, held_until)
      VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3::float8 / 1000))
      ON CONFLICT (sink) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
        WHERE f.holder IS NULL OR f.holder = excluded.holder OR f.held_until < clock_timestamp()
      RETURNING place`;
    const { rows } = await this.#database.write({ name: 'audit-hold', text, values: [sink, holder, holdMs] });
    return rows[0] && Number((rows[0] as { place: string }).place);
  }

  /** Notes that everything up to a place was sent, if the holder still is. */
  async sent(sink: string, holder: string, place: number): Promise<void> {
    const text = `UPDATE "${this.#schema}".audit_forward SET place = $3 WHERE sink = $1 AND holder = $2 AND place < $3`;
    await this.#database.write({ name: 'audit-sent', text, values: [sink, holder, place] });
  }

  /** Lets another process go on at once. */
  async release(sink: string, holder: string): Promise<void> {
    const text = `UPDATE "${this.#schema}".audit_forward SET holder = NULL WHERE sink = $1 AND holder = $2`;
    await this.#database.write({ name: 'audit-release', text, values: [sink, holder] });
  }
}
