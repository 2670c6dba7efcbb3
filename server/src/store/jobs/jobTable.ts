import type { Database } from '../postgres/database.ts';
import { jobOf, type Job, type JobLine, type JobRow } from './job.ts';

const once = (text: string, values: unknown[] = []) => ({ name: '', text, values });

/** What is to be done, and for whom. */
export interface NewJob {
  id: string;
  kind: string;
  /** Who may see it. */
  owner: string;
  request: unknown;
}

/** A job as whoever works on it holds it: `fence` is another for each that takes it. */
export type Claim = Pick<Job, 'id' | 'fence'>;

/** How far a job is: where it goes on after a restart, and lines that belong to its result. */
export interface JobStep {
  checkpoint: unknown;
  progress: string;
  lines: readonly JobLine[];
}

/**
 * The table `job`. Every write of whoever works on a job names the fence that it took it with: once another has taken the job, or it
 * was removed, the write does nothing and says so.
 */
export class JobTable {
  readonly #database: Database;
  readonly #table: string;
  readonly #lines: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#table = `"${schema}".job`;
    this.#lines = `"${schema}".job_line`;
  }

  /** Adds a job that waits. @returns false when as many of its owner's wait already */
  async add({ id, kind, owner, request }: NewJob, waitingMax: number): Promise<boolean> {
    return this.#database.transaction(async (tx) => {
      const lock = `${this.#table} ${owner}`;
      await tx.query(once('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lock]));
      const { rows } = await tx.query(
        once(
          `INSERT INTO ${this.#table} (id, kind, owner, request) SELECT $1, $2, $3, $4
           WHERE (SELECT count(*) FROM ${this.#table} WHERE owner = $3 AND state = 'waiting') < $5 RETURNING id`,
          [id, kind, owner, JSON.stringify(request), waitingMax],
        ),
      );
      return rows.length > 0;
    });
  }

  /** A job of this owner. */
  async find(id: string, owner: string): Promise<Job | undefined> {
    const text = `SELECT * FROM ${this.#table} WHERE id = $1 AND owner = $2`;
    const { rows } = await this.#database.read(once(text, [id, owner]));
    return rows[0] && jobOf(rows[0] as unknown as JobRow);
  }

  /** Takes a job of this owner away, whatever its state, with all that it made. @returns false when there is none */
  async remove(id: string, owner: string): Promise<boolean> {
    return this.#changes(`DELETE FROM ${this.#table} WHERE id = $1 AND owner = $2 RETURNING id`, [id, owner]);
  }

  /** Takes the oldest job of these kinds that waits, or whose worker gave no sign of life for so long. */
  async claim(kinds: readonly string[], lostMs: number): Promise<Job | undefined> {
    const { rows } = await this.#database.write(
      once(
        `UPDATE ${this.#table} SET state = 'running', fence = fence + 1, attempts = attempts + 1, alive = clock_timestamp()
         WHERE id = (
           SELECT id FROM ${this.#table} WHERE kind = ANY ($1::text[])
             AND (state = 'waiting' OR state = 'running' AND alive < clock_timestamp() - make_interval(secs => $2::float8 / 1000))
           ORDER BY created, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING *`,
        [kinds, lostMs],
      ),
    );
    return rows[0] && jobOf(rows[0] as unknown as JobRow);
  }

  /** A sign of life. @returns false when the job is no longer the claim's */
  async keep({ id, fence }: Claim, progress: string): Promise<boolean> {
    return this.#changes(
      `UPDATE ${this.#table} SET alive = clock_timestamp(), progress = $3 WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id`,
      [id, fence, progress],
    );
  }

  /** Notes a step, with its lines or not at all; a line that is there already stays as it is. @returns false when the job is no longer the claim's */
  async save({ id, fence }: Claim, { checkpoint, progress, lines }: JobStep): Promise<boolean> {
    return this.#changes(
      `WITH kept AS (
         UPDATE ${this.#table} SET alive = clock_timestamp(), attempts = 0, checkpoint = $3, progress = $4
         WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id),
       added AS (
         INSERT INTO ${this.#lines} (job, file, number, line)
         SELECT kept.id, l.file, l.number, l.line FROM kept, unnest($5::text[], $6::bigint[], $7::text[]) AS l(file, number, line)
         ON CONFLICT DO NOTHING)
       SELECT id FROM kept`,
      [
        id,
        fence,
        JSON.stringify(checkpoint),
        progress,
        lines.map(({ file }) => file),
        lines.map(({ number }) => number),
        lines.map(({ line }) => line),
      ],
    );
  }

  /** Ends a job with its result. @returns false when it is no longer the claim's */
  async finish({ id, fence }: Claim, state: 'done' | 'failed', result: unknown): Promise<boolean> {
    return this.#changes(
      `UPDATE ${this.#table} SET state = $3, result = $4, checkpoint = NULL, finished = clock_timestamp()
       WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id`,
      [id, fence, state, JSON.stringify(result)],
    );
  }

  /** Gives a job back, so that another may take it at once. @returns false when it is no longer the claim's */
  async release({ id, fence }: Claim): Promise<boolean> {
    return this.#changes(
      `UPDATE ${this.#table} SET state = 'waiting', attempts = 0 WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id`,
      [id, fence],
    );
  }

  /** Lines of a file of a job, in order, from behind one on. */
  async lines(job: string, file: string, after: number, count: number): Promise<JobLine[]> {
    const text = `SELECT file, number, line FROM ${this.#lines} WHERE job = $1 AND file = $2 AND number > $3 ORDER BY number LIMIT $4`;
    const { rows } = await this.#database.read(once(text, [job, file, after, count]));
    return (rows as { file: string; number: string; line: string }[]).map((row) => ({
      ...row,
      number: Number(row.number),
    }));
  }

  /** Removes the jobs that ended so long ago. @returns how many */
  async sweep(keptMs: number): Promise<number> {
    const text = `DELETE FROM ${this.#table} WHERE finished < clock_timestamp() - make_interval(secs => $1::float8 / 1000) RETURNING id`;
    return (await this.#database.write(once(text, [keptMs]))).rows.length;
  }

  async #changes(text: string, values: unknown[]): Promise<boolean> {
    return (await this.#database.write(once(text, values))).rows.length > 0;
  }
}
