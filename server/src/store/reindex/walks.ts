import type { Database, Transaction } from '../postgres/database.ts';

/** After this time without a sign of life another server takes a walk over, in seconds. */
const WORKER_LOST_S = 5;
const IS_ALIVE = `seen > clock_timestamp() - make_interval(secs => ${WORKER_LOST_S})`;

/** The walk through a resource type's rows: a row of the table `reindex`. */
export interface Walk {
  type: string;
  /** Which reason for a walk this is: with another, the walk begins anew. */
  neededBy: string;
  requested: boolean;
  lastRid: string;
  /** Resources that were looked at, and those of them whose rows were not as they should be. */
  done: number;
  changed: number;
  total?: number;
  started?: Date;
  finished?: Date;
  /** What kept it from going on when it was last tried; it is tried again. */
  fault?: string;
  /** In {@link Walks.all}: a worker is at it. */
  attended?: boolean;
}

interface WalkRow {
  type: string;
  needed_by: string;
  requested: boolean;
  last_rid: string;
  done: string;
  changed: string;
  total: string | null;
  started: Date | null;
  finished: Date | null;
  fault: string | null;
  attended?: boolean;
}

const once = (text: string, values: unknown[] = []) => ({ name: '', text, values });

function walkOf(row: WalkRow): Walk {
  return {
    type: row.type,
    neededBy: row.needed_by,
    requested: row.requested,
    lastRid: row.last_rid,
    done: Number(row.done),
    changed: Number(row.changed),
    ...(row.total === null ? {} : { total: Number(row.total) }),
    ...(row.started === null ? {} : { started: row.started }),
    ...(row.finished === null ? {} : { finished: row.finished }),
    ...(row.fault === null ? {} : { fault: row.fault }),
    ...(row.attended === undefined ? {} : { attended: row.attended }),
  };
}

/** The table `reindex`. */
export class Walks {
  readonly #database: Database;
  readonly #schema: string;
  readonly #table: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
    this.#table = `"${schema}".reindex`;
  }

  async all(): Promise<Walk[]> {
    const attended = `coalesce(worker IS NOT NULL AND ${IS_ALIVE}, false) AS attended`;
    const { rows } = await this.#database.read(
      once(`SELECT *, ${attended} FROM ${this.#table} ORDER BY type`),
    );
    return (rows as unknown as WalkRow[]).map(walkOf);
  }

  /** Has every walk done that is needed. */
  async requestNeeded(): Promise<void> {
    await this.#database.write(
      once(`UPDATE ${this.#table} SET requested = true WHERE finished IS NULL AND NOT requested`),
    );
  }

  /**
   * Has types walked whether they need it or not. A walk that is not finished goes on.
   *
   * @param form walks that were made for another form begin anew, those for this one are not repeated; absent: any are
   */
  async request(types: readonly string[], form?: string): Promise<void> {
    const isOver = form === undefined ? 'r.finished IS NOT NULL' : 'r.form IS DISTINCT FROM $2';
    await this.#database.transaction(async (tx) => {
      await tx.query(
        once(
          `INSERT INTO ${this.#table} AS r (type, needed_by) SELECT type, 1 FROM unnest($1::text[]) AS t(type)
           ON CONFLICT (type) DO UPDATE SET needed_by = r.needed_by + 1, last_rid = 0, done = 0, changed = 0, total = NULL,
             started = NULL, finished = NULL, fault = NULL WHERE ${isOver}`,
          form === undefined ? [types] : [types, form],
        ),
      );
      const text = `UPDATE ${this.#table} SET requested = true WHERE type = ANY ($1::text[]) AND finished IS NULL AND NOT requested`;
      await tx.query(once(text, [types]));
    });
  }

  /**
   * Takes the next walk for a worker; undefined when there is none, or another worker is at one. A walk goes on where it
   * stands, unless its first part was written in another form: then it begins anew. Those with a fault come last.
   */
  async claim(worker: string, form: string): Promise<Walk | undefined> {
    const again = 'form IS DISTINCT FROM $2';
    const { rows } = await this.#database.write(
      once(
        `UPDATE ${this.#table} SET worker = $1, seen = clock_timestamp(), started = coalesce(started, clock_timestamp()), form = $2,
           last_rid = CASE WHEN ${again} THEN 0 ELSE last_rid END,
           done = CASE WHEN ${again} THEN 0 ELSE done END, changed = CASE WHEN ${again} THEN 0 ELSE changed END
         WHERE type = (
           SELECT type FROM ${this.#table} WHERE requested AND finished IS NULL AND NOT EXISTS (
             SELECT FROM ${this.#table} WHERE finished IS NULL AND worker <> $1
               AND ${IS_ALIVE})
           ORDER BY fault IS NOT NULL, type LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING *`,
        [worker, form],
      ),
    );
    return rows[0] && walkOf(rows[0] as unknown as WalkRow);
  }

  /** A worker's sign of life while its walk stands still. */
  async keep(worker: string): Promise<void> {
    const text = `UPDATE ${this.#table} SET seen = clock_timestamp() WHERE worker = $1 AND finished IS NULL`;
    await this.#database.write(once(text, [worker]));
  }

  /** Where a claimed walk stands, its row locked; undefined when it is no longer this worker's. */
  async lock(tx: Transaction, worker: string, walk: Walk): Promise<Walk | undefined> {
    const text = `SELECT * FROM ${this.#table} WHERE type = $1 AND needed_by = $2 AND worker = $3 AND finished IS NULL FOR UPDATE`;
    const { rows } = await tx.query(once(text, [walk.type, walk.neededBy, worker]));
    return rows[0] && walkOf(rows[0] as unknown as WalkRow);
  }

  /** Notes a step of a locked walk. */
  async advance(
    tx: Transaction,
    type: string,
    step: { lastRid: string; done: number; changed: number },
  ): Promise<void> {
    const text = `UPDATE ${this.#table} SET last_rid = $2, done = done + $3, changed = changed + $4, seen = clock_timestamp(), fault = NULL
                  WHERE type = $1`;
    await tx.query(once(text, [type, step.lastRid, step.done, step.changed]));
  }

  async setTotal(tx: Transaction, type: string, total: number): Promise<void> {
    await tx.query(once(`UPDATE ${this.#table} SET total = $2 WHERE type = $1`, [type, total]));
  }

  /**
   * Ends a claimed walk that has come to its end; parameters all of whose types are walked can be searched by from now on.
   * Nothing happens when the walk was taken away.
   */
  async finish(tx: Transaction, worker: string, walk: Walk): Promise<void> {
    // Before the walk's own row, as those do who reconcile the parameters and may begin another walk.
    await tx.query(once(`SELECT 1 FROM "${this.#schema}".index_plan FOR UPDATE`));
    if (!(await this.lock(tx, worker, walk))) return;
    await tx.query(
      once(
        `UPDATE ${this.#table} SET finished = clock_timestamp(), requested = false, worker = NULL, seen = NULL, total = done, fault = NULL WHERE type = $1`,
        [walk.type],
      ),
    );
    const { rows } = await tx.query(
      once(`UPDATE "${this.#schema}".search_parameter s SET ready = true
            WHERE revision IS NOT NULL AND NOT ready
              AND NOT EXISTS (SELECT FROM ${this.#table} r WHERE r.type = ANY (s.types) AND r.finished IS NULL) RETURNING id`),
    );
    if (rows.length > 0) await tx.query(once(`UPDATE "${this.#schema}".index_plan SET change = change + 1`));
  }

  /** Says why a walk does not go on, and gives it back: whoever has mended it need not wait for this worker. */
  async fail(worker: string, walk: Walk, fault: string): Promise<void> {
    const text = `UPDATE ${this.#table} SET fault = $4, worker = NULL, seen = NULL WHERE type = $1 AND needed_by = $2 AND worker = $3`;
    await this.#database.write(once(text, [walk.type, walk.neededBy, worker, fault]));
  }

  /** Whether each of the types was walked to its end for this form. */
  async areWalked(types: readonly string[], form: string): Promise<boolean> {
    const text = `SELECT count(*)::integer AS walked FROM ${this.#table} WHERE type = ANY ($1::text[]) AND finished IS NOT NULL AND form = $2`;
    const { rows } = await this.#database.read(once(text, [types, form]));
    return rows[0]!.walked === types.length;
  }

  /** Gives a walk back when its worker stops, so that another need not wait. */
  async release(worker: string): Promise<void> {
    await this.#database.write(
      once(`UPDATE ${this.#table} SET worker = NULL, seen = NULL WHERE worker = $1`, [worker]),
    );
  }
}
