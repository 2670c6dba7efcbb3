import { int4Array, int8Array, textArray } from '../resource/binaryArray.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import type { Hit, Position } from './change.ts';

/** The turn of one process at looking through the changes: what it writes counts only while nobody has a later one. */
export interface RelayTurn {
  fence: string;
  position: Position;
  /** Whether the position is of another PostgreSQL cluster, whose transactions have other numbers: the store was restored from a dump. */
  isForeign?: boolean;
}

/** A Subscription as the relay has met it among the changes. */
export interface MetSubscription {
  id: string;
  version: number;
  /** Whether something is to be done for it at once: a handshake, what waits since it failed. */
  isDue: boolean;
}

/** What the relay found in a stretch of changes. */
export interface RelayStep {
  /** The last change of the stretch. */
  to: Position;
  /** In the order of the changes. */
  hits: readonly Hit[];
  /** Subscriptions that were written, each once; hits in the stretch may be theirs. */
  met: readonly MetSubscription[];
  /** Subscriptions that were deleted: what waits for them is dropped. Those that were made anew afterwards are met as well. */
  gone: readonly string[];
}

const HELD = 'clock_timestamp() + make_interval(secs => $2::float8 / 1000)';

/** The table `event_relay`: how far the changes have been looked through, and by whom. Numbers are given in the same step. */
export class RelayTable {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** Takes the turn, if nobody has it. @param leaseMs for how long, unless it is kept */
  async claim(leaseMs: number): Promise<RelayTurn | undefined> {
    const { rows } = await this.#database.write({
      name: 'relay-claim',
      text: `UPDATE "${this.#schema}".event_relay SET fence = fence + 1, held_until = ${HELD.replace('$2', '$1')}
        WHERE held_until < clock_timestamp() RETURNING fence, xid::text AS at_xid, seq, xid >= pg_snapshot_xmax(pg_current_snapshot()) AS is_foreign`,
      values: [leaseMs],
    });
    const row = rows[0] as { fence: string; at_xid: string; seq: string; is_foreign: boolean } | undefined;
    if (!row) return undefined;
    const { fence, at_xid: xid, seq, is_foreign: isForeign } = row;
    return { fence, position: { xid, seq }, ...(isForeign && { isForeign }) };
  }

  /**
   * Makes the position one of this cluster. What was restored counts as written before everything else: first what had been looked at, then
   * what had not.
   */
  async adopt({ fence }: RelayTurn): Promise<Position> {
    const changes = `"${this.#schema}".changes`;
    return this.#database.transaction(async (tx) => {
      await tx.query({
        name: '',
        text: `UPDATE ${changes} c SET xid = CASE WHEN (c.xid, c.seq) > (r.xid, r.seq) THEN '1' ELSE '0' END::xid8
          FROM "${this.#schema}".event_relay r
          WHERE r.fence = $1 AND c.seq <= coalesce((SELECT max(seq) FROM ${changes} WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())),
                                                   (SELECT max(seq) FROM ${changes}))`,
        values: [fence],
      });
      const { rows } = await tx.query({
        name: '',
        text: `UPDATE "${this.#schema}".event_relay SET xid = '0', seq = 9223372036854775807 WHERE fence = $1 RETURNING xid::text, seq`,
        values: [fence],
      });
      return rows[0] as Position;
    });
  }

  /** Keeps the turn. @returns false when another has it */
  async keep({ fence }: RelayTurn, leaseMs: number): Promise<boolean> {
    const { rows } = await this.#database.write({
      name: 'relay-keep',
      text: `UPDATE "${this.#schema}".event_relay SET held_until = ${HELD} WHERE fence = $1 RETURNING fence`,
      values: [fence, leaseMs],
    });
    return rows.length > 0;
  }

  /** Gives the turn up, so that another may take it at once. */
  async release({ fence }: RelayTurn): Promise<void> {
    await this.#database.write({
      name: 'relay-release',
      text: `UPDATE "${this.#schema}".event_relay SET held_until = '-infinity' WHERE fence = $1`,
      values: [fence],
    });
  }

  /**
   * Moves the position, numbers what was found and notes it to be delivered, all or nothing.
   *
   * @returns false when another has the turn: then nothing was done
   */
  async advance({ fence }: RelayTurn, step: RelayStep, leaseMs: number): Promise<boolean> {
    return this.#database.transaction(async (tx) => {
      const { rows } = await tx.query({
        name: 'relay-advance',
        text: `UPDATE "${this.#schema}".event_relay SET xid = $3::xid8, seq = $4::bigint, held_until = ${HELD}
          WHERE fence = $1 RETURNING fence`,
        values: [fence, leaseMs, step.to.xid, step.to.seq],
      });
      if (rows.length === 0) return false;
      if (step.gone.length > 0) await this.#drop(tx, step.gone);
      if (step.met.length > 0) await this.#meet(tx, step.met);
      if (step.hits.length > 0) await this.#number(tx, step.hits);
      return true;
    });
  }

  /** The turn's row is locked: nobody else gives numbers meanwhile. */
  async #number(tx: Transaction, hits: readonly Hit[]): Promise<void> {
    const changes = hits.map(({ change }) => change);
    await tx.query({
      name: 'relay-number',
      text: `WITH hit AS MATERIALIZED (
          SELECT h.*, row_number() OVER (PARTITION BY subscription ORDER BY ord) AS n
          FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::bigint[])
            WITH ORDINALITY AS h(subscription, type, id, version, method, occurred_ms, ord)),
        numbered AS (
          UPDATE "${this.#schema}".event_subscription s
          SET last_event = s.last_event + c.n, wakes = s.wakes + 1, due = least(s.due, greatest(clock_timestamp(), s.not_before))
          FROM (SELECT subscription, count(*) AS n FROM hit GROUP BY subscription) c WHERE s.id = c.subscription
          RETURNING s.id, s.last_event - c.n AS base)
        INSERT INTO "${this.#schema}".event_delivery (subscription, number, type, id, version, method, occurred)
        SELECT h.subscription, numbered.base + h.n, h.type, h.id, h.version, h.method::"char", to_timestamp(h.occurred_ms / 1000.0)
        FROM hit h JOIN numbered ON numbered.id = h.subscription`,
      values: [
        textArray(hits.map(({ subscription }) => subscription)),
        textArray(changes.map(({ type }) => type)),
        textArray(changes.map(({ id }) => id)),
        int4Array(changes.map(({ version }) => version)),
        textArray(changes.map(({ method }) => method)),
        int8Array(changes.map(({ lastUpdated }) => lastUpdated.getTime())),
      ],
    });
  }

  /** A subscription that is written anew begins anew: what failed before is tried at once. */
  async #meet(tx: Transaction, met: readonly MetSubscription[]): Promise<void> {
    await tx.query({
      name: 'relay-meet',
      text: `INSERT INTO "${this.#schema}".event_subscription AS s (id, version, due)
        SELECT id, version, CASE WHEN is_due THEN clock_timestamp() END FROM unnest($1::text[], $2::integer[], $3::boolean[]) AS m(id, version, is_due)
        ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version, due = EXCLUDED.due, wakes = s.wakes + 1, failures = 0, not_before = '-infinity', connected = now()`,
      values: [
        textArray(met.map(({ id }) => id)),
        int4Array(met.map(({ version }) => version)),
        met.map(({ isDue }) => isDue),
      ],
    });
  }

  async #drop(tx: Transaction, gone: readonly string[]): Promise<void> {
    await tx.query({
      name: 'relay-drop',
      text: `DELETE FROM "${this.#schema}".event_subscription WHERE id = ANY ($1::text[])`,
      values: [textArray(gone)],
    });
  }

  /** Subscriptions that the relay goes by, each in the version that it met last; in no order. */
  async subscriptions(): Promise<{ id: string; version: number }[]> {
    const { rows } = await this.#database.search({
      name: 'relay-subscriptions',
      text: `SELECT id, version FROM "${this.#schema}".event_subscription`,
      values: [],
    });
    return rows as { id: string; version: number }[];
  }
}
