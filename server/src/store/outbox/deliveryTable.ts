import { int8Array, textArray } from '../resource/binaryArray.ts';
import type { Database } from '../postgres/database.ts';
import type { Delivery, DeliveryState } from './change.ts';
import { deliveryFigures, type DeliveryFigures } from './deliveryFigures.ts';

/** A subscription in the hands of whoever does what is due for it. */
export interface DueSubscription {
  id: string;
  fence: string;
  /** How much had become to be done when it was taken. */
  wakes: string;
  /** Attempts in a row that failed. */
  failures: number;
  /** The number given last. */
  lastEvent: number;
  /** How long ago somebody was connected who is told of its events, or it was written. */
  unconnectedMs: number;
}

/** What became of deliveries that were tried together. */
export interface Attempt {
  numbers: readonly number[];
  /** `W`: they wait for the next attempt. */
  state: DeliveryState;
  fault?: string;
  /** For how long the subscription is kept. */
  leaseMs: number;
}

/** When something is to be done next, if nothing comes before: `rest` lets nothing come before. */
export type NextTime = { inMs: number; rest?: boolean } | 'when woken';

/** Where a subscription stands, by the relay. */
export interface Head {
  /** Of the Subscription, as the relay met it last. */
  version: number;
  /** The number given last. */
  lastEvent: number;
}

/** Which deliveries of a subscription. */
export interface DeliveryRange {
  from?: number;
  until?: number;
  state?: DeliveryState;
  limit: number;
}

const COLUMNS =
  'd.subscription, d.number, d.type, d.id, d.version, d.method, d.occurred, d.state, d.attempts, d.fault';
const LEASE = (parameter: string) => `clock_timestamp() + make_interval(secs => ${parameter}::float8 / 1000)`;

/**
 * The tables `event_subscription` and `event_delivery`: what waits to be delivered, and who is at it. Whoever writes here names the fence that
 * the subscription was taken with: once another has taken it, the write does nothing and says so. So one is at a subscription at a time.
 */
export class DeliveryTable {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** Whether there are subscriptions at all. */
  async isAsked(): Promise<boolean> {
    const { rows } = await this.#database.read({
      name: 'delivery-asked',
      text: `SELECT EXISTS (SELECT FROM "${this.#schema}".event_subscription) AS asked`,
      values: [],
    });
    return (rows[0] as { asked: boolean }).asked;
  }

  /** Subscriptions for which something is due and at which nobody is, those first that wait longest. */
  async due(limit: number): Promise<{ key: string; sinceMs: number }[]> {
    const { rows } = await this.#database.read({
      name: 'delivery-due',
      text: `SELECT id AS key, extract(epoch FROM clock_timestamp() - greatest(due, held_until))::float8 * 1000 AS "sinceMs"
        FROM "${this.#schema}".event_subscription
        WHERE due <= clock_timestamp() AND held_until < clock_timestamp() ORDER BY due LIMIT $1`,
      values: [limit],
    });
    return rows as { key: string; sinceMs: number }[];
  }

  /** Takes a subscription, where something is due for it and nobody is at it. */
  async claim(subscription: string, leaseMs: number): Promise<DueSubscription | undefined> {
    const { rows } = await this.#database.write({
      name: 'delivery-claim',
      text: `UPDATE "${this.#schema}".event_subscription SET fence = fence + 1, held_until = ${LEASE('$2')}
        WHERE id = $1 AND due <= clock_timestamp() AND held_until < clock_timestamp()
        RETURNING id, fence, wakes, failures, last_event AS "lastEvent",
          extract(epoch FROM clock_timestamp() - connected)::float8 * 1000 AS "unconnectedMs"`,
      values: [subscription, leaseMs],
    });
    const row = rows[0] as (Omit<DueSubscription, 'lastEvent'> & { lastEvent: string }) | undefined;
    return row && { ...row, lastEvent: Number(row.lastEvent) };
  }

  /** The first that wait, in the order of their numbers. */
  async waiting(subscription: string, limit: number): Promise<Delivery[]> {
    return this.deliveries(subscription, { state: 'W', limit });
  }

  /** Keeps a subscription for longer than it was taken for. @returns false when another has taken it */
  async keep({ id, fence }: DueSubscription, leaseMs: number): Promise<boolean> {
    const { rows } = await this.#database.write({
      name: 'delivery-keep',
      text: `UPDATE "${this.#schema}".event_subscription SET held_until = ${LEASE('$3')} WHERE id = $1 AND fence = $2 RETURNING id`,
      values: [id, fence, leaseMs],
    });
    return rows.length > 0;
  }

  /** Notes an attempt. @returns false when another has taken the subscription: nothing was noted */
  async attempted(
    { id, fence }: DueSubscription,
    { numbers, state, fault, leaseMs }: Attempt,
  ): Promise<boolean> {
    const { rows } = await this.#database.write({
      name: 'delivery-attempted',
      text: `WITH held AS (
          UPDATE "${this.#schema}".event_subscription
          SET held_until = ${LEASE('$6')}, failures = CASE WHEN $4 = 'W' THEN failures + 1 ELSE 0 END
          WHERE id = $1 AND fence = $2 RETURNING id),
        noted AS (
          UPDATE "${this.#schema}".event_delivery d
          SET state = $4::"char", attempts = d.attempts + 1, fault = $5, finished = CASE WHEN $4 <> 'W' THEN clock_timestamp() END
          FROM held WHERE d.subscription = held.id AND d.number = ANY ($3::bigint[]) AND d.state = 'W')
        SELECT id FROM held`,
      values: [id, fence, int8Array(numbers), state, fault ?? null, leaseMs],
    });
    return rows.length > 0;
  }

  /** Notes that something other than a delivery failed, such as a handshake. @returns false when another has taken the subscription */
  async failed({ id, fence }: DueSubscription): Promise<boolean> {
    const { rows } = await this.#database.write({
      name: 'delivery-failed',
      text: `UPDATE "${this.#schema}".event_subscription SET failures = failures + 1 WHERE id = $1 AND fence = $2 RETURNING id`,
      values: [id, fence],
    });
    return rows.length > 0;
  }

  /**
   * Puts a subscription back. What has become to be done meanwhile is due at once, unless it is to rest.
   *
   * @returns whether something is due at once
   */
  async release({ id, fence, wakes }: DueSubscription, next: NextTime): Promise<boolean> {
    const { inMs = null, rest = false } = next === 'when woken' ? {} : next;
    const { rows } = await this.#database.write({
      name: 'delivery-release',
      text: `UPDATE "${this.#schema}".event_subscription SET held_until = '-infinity',
          not_before = CASE WHEN $5::boolean THEN ${LEASE('$3')} ELSE '-infinity' END,
          due = CASE WHEN $5::boolean OR wakes = $4::bigint THEN ${LEASE('$3')} ELSE clock_timestamp() END
        WHERE id = $1 AND fence = $2 RETURNING coalesce(due <= clock_timestamp(), false) AS "isDue"`,
      values: [id, fence, inMs, wakes, rest],
    });
    return (rows[0] as { isDue: boolean } | undefined)?.isDue ?? false;
  }

  /** Makes something due at once. */
  async wake(subscription: string): Promise<void> {
    await this.#database.write({
      name: 'delivery-wake',
      text: `UPDATE "${this.#schema}".event_subscription SET due = clock_timestamp(), wakes = wakes + 1 WHERE id = $1`,
      values: [subscription],
    });
  }

  /** Notes that somebody is connected who is told of their events. */
  async connected(subscriptions: readonly string[]): Promise<void> {
    await this.#database.write({
      name: 'delivery-connected',
      text: `UPDATE "${this.#schema}".event_subscription SET connected = clock_timestamp() WHERE id = ANY ($1::text[])`,
      values: [textArray(subscriptions)],
    });
  }

  /** The numbers given last, by subscription; those that the relay has not met are absent. */
  async lastEvents(subscriptions: readonly string[]): Promise<Map<string, number>> {
    const { rows } = await this.#database.read({
      name: 'delivery-last',
      text: `SELECT id, last_event FROM "${this.#schema}".event_subscription WHERE id = ANY ($1::text[])`,
      values: [subscriptions],
    });
    return new Map(rows.map(({ id, last_event }) => [id as string, Number(last_event)]));
  }

  /** Where subscriptions stand; those that the relay has not met, or not any more, are absent. */
  async heads(subscriptions: readonly string[]): Promise<Map<string, Head>> {
    const { rows } = await this.#database.read({
      name: 'delivery-heads',
      text: `SELECT id, version, last_event FROM "${this.#schema}".event_subscription WHERE id = ANY ($1::text[])`,
      values: [subscriptions],
    });
    return new Map(
      rows.map(({ id, version, last_event }) => [
        id as string,
        { version: version as number, lastEvent: Number(last_event) },
      ]),
    );
  }

  /** Deliveries of a subscription in the order of their numbers. */
  async deliveries(subscription: string, { from, until, state, limit }: DeliveryRange): Promise<Delivery[]> {
    const { rows } = await this.#database.read({
      name: `delivery-list-${state ?? 'all'}`,
      text: `SELECT ${COLUMNS} FROM "${this.#schema}".event_delivery d
        WHERE d.subscription = $1 AND ($2::bigint IS NULL OR d.number >= $2) AND ($3::bigint IS NULL OR d.number <= $3)
          ${state === undefined ? '' : `AND d.state = '${state}'`}
        ORDER BY d.subscription, d.number LIMIT $4`,
      values: [subscription, from ?? null, until ?? null, limit],
    });
    return rows.map(deliveryOf);
  }

  /** What was given up, by subscription and number, from behind one on. */
  async dead(
    after: { subscription: string; number: number } | undefined,
    limit: number,
  ): Promise<Delivery[]> {
    const { rows } = await this.#database.read({
      name: 'delivery-dead',
      text: `SELECT ${COLUMNS} FROM "${this.#schema}".event_delivery d
        WHERE d.state = 'X' AND (d.subscription, d.number) > ($1, $2::bigint) ORDER BY d.subscription, d.number LIMIT $3`,
      values: [after?.subscription ?? '', after?.number ?? 0, limit],
    });
    return rows.map(deliveryOf);
  }

  figures(): Promise<DeliveryFigures> {
    return deliveryFigures(this.#database, this.#schema);
  }

  /** Has what was given up tried again, with its number, before what waits behind it. @returns how many */
  async replay(subscription: string, number: number | undefined): Promise<number> {
    const { rows } = await this.#database.write({
      name: 'delivery-replay',
      text: `WITH again AS (
          UPDATE "${this.#schema}".event_delivery SET state = 'W', attempts = 0, fault = NULL, finished = NULL
          WHERE subscription = $1 AND state = 'X' AND ($2::bigint IS NULL OR number = $2) RETURNING number),
        woken AS (
          UPDATE "${this.#schema}".event_subscription SET due = clock_timestamp(), not_before = '-infinity', wakes = wakes + 1, failures = 0
          WHERE id = $1 AND EXISTS (SELECT FROM again))
        SELECT number FROM again`,
      values: [subscription, number ?? null],
    });
    return rows.length;
  }

  /** Drops what was given up: it is not tried again, and not shown any more. Its number stays given. @returns how many */
  async discard(subscription: string, number: number | undefined): Promise<number> {
    const { rows } = await this.#database.write({
      name: 'delivery-discard',
      text: `DELETE FROM "${this.#schema}".event_delivery
        WHERE subscription = $1 AND state = 'X' AND ($2::bigint IS NULL OR number = $2) RETURNING number`,
      values: [subscription, number ?? null],
    });
    return rows.length;
  }

  /** Removes a few of the events that occurred so long ago, delivered or not. @returns how many */
  async sweep(keptMs: number, limit: number): Promise<number> {
    const { rows } = await this.#database.write({
      name: 'delivery-sweep',
      text: `DELETE FROM "${this.#schema}".event_delivery d USING (
          SELECT subscription, number FROM "${this.#schema}".event_delivery
          WHERE occurred < clock_timestamp() - make_interval(secs => $1::float8 / 1000)
          ORDER BY occurred LIMIT $2 FOR UPDATE SKIP LOCKED) o
        WHERE d.subscription = o.subscription AND d.number = o.number RETURNING d.number`,
      values: [keptMs, limit],
    });
    return rows.length;
  }
}

const deliveryOf = ({ number, fault, ...row }: Record<string, unknown>): Delivery => ({
  ...(row as Omit<Delivery, 'number' | 'fault'>),
  number: Number(number),
  ...(fault === null ? {} : { fault: fault as string }),
});
