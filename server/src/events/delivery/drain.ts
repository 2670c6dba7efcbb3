import { randomUUID } from 'node:crypto';
import type { Resource } from '../../fhir/resource.ts';
import type { Delivery, DueSubscription, EventRecords, NextTime } from '../../records/events/eventRecords.ts';
import { subscriberOf } from '../../records/events/eventRecords.ts';
import { OUTCOME } from '../../records/trail/trail.ts';
import type { Trails } from '../../records/trail/trails.ts';
import type { Notice, Outcome } from '../channels/channel.ts';
import type { Channels } from '../channels/channels.ts';
import { shownBy, type NotifiedEvent } from '../notifications/bundle.ts';
import type { Companions } from '../notifications/companions.ts';
import type { NotificationType } from '../notifications/statusParameters.ts';
import { toldEvents } from '../notifications/toldEvents.ts';
import {
  isFetched,
  readSubscription,
  type SubscriptionRequest,
  type SubscriptionStatus,
} from '../subscriptions/request.ts';
import { WITHDRAWN } from '../subscriptions/withdrawal.ts';
import { ATTEMPTS_MAX, backOffMs, HANDSHAKE_ATTEMPTS_MAX } from './backOff.ts';

export interface DrainParts {
  records: EventRecords;
  channels: Pick<Channels, 'of'>;
  companions: Companions;
  trails: Pick<Trails, 'begin'>;
  /** How long a Subscription is kept up to which nobody connects. */
  idleMs: number;
  /** What is wrong with a Subscription, in sentences. */
  faultsOf: (resource: Resource) => Promise<string[]>;
}

/** A Subscription in the hands of a drain. */
interface Held {
  due: DueSubscription;
  version: number;
  resource: Resource;
  request: SubscriptionRequest;
}

/** For how long a subscription is taken; kept while something is under way. Another process takes it so long after this one has died. */
export const DELIVERY_LEASE_MS = 15_000;
const KEEP_MS = 4_000;
/** Notifications that are sent in one go, before others have their turn. */
const NOTIFICATIONS_MAX = 50;
/** Events of a Subscription that is fetched which are noted together. */
const LAID_OUT_AT_ONCE = 500;
const AT_ONCE: NextTime = { inMs: 0 };

/** Does what is due for a subscription: shakes hands, delivers what waits in its order, gives a sign of life, ends it. */
export class Drain {
  readonly #parts: DrainParts;
  readonly #isStopped: () => boolean;

  constructor(parts: DrainParts, isStopped: () => boolean) {
    this.#parts = parts;
    this.#isStopped = isStopped;
  }

  /** @returns when something is to be done next */
  async run(due: DueSubscription): Promise<NextTime> {
    const { records, faultsOf } = this.#parts;
    const found = await records.subscription(due.id);
    if (!found) return 'when woken';
    const resource = JSON.parse(found.content) as Resource;
    if (resource.status !== 'requested' && resource.status !== 'active') return 'when woken';
    const subscriber = subscriberOf(resource);
    if (subscriber && !(await records.isLetIn(subscriber))) return this.#setStatus(found, 'error', WITHDRAWN);
    // What was accepted was looked at then.
    const faults = resource.status === 'requested' ? await faultsOf(resource) : [];
    if (faults.length > 0) return this.#setStatus(found, 'error', faults.join(' '));
    const held = { due, version: found.version, resource, request: readSubscription(resource) };
    const { endMs } = held.request;
    if (endMs !== undefined && endMs <= Date.now()) return this.#setStatus(found, 'off');
    if (resource.status === 'requested') return this.#shakeHands(held);
    return isFetched(held.request.channel) ? this.#layOut(held) : this.#deliver(held);
  }

  /** Whoever connects reads events by their numbers: here is nothing to be sent, and nothing that could fail. */
  async #layOut(held: Held): Promise<NextTime> {
    const { id, version, due } = { ...held, id: held.due.id };
    if (due.unconnectedMs >= this.#parts.idleMs)
      return this.#setStatus({ id, version }, 'off', 'Nobody was connected for long: write it anew.');
    const { deliveries } = this.#parts.records.outbox;
    const waiting = await deliveries.waiting(held.due.id, LAID_OUT_AT_ONCE);
    const numbers = waiting.map(({ number }) => number);
    if (numbers.length === 0) return this.#untilEnd(held);
    const noted = await deliveries.attempted(held.due, { numbers, state: 'D', leaseMs: DELIVERY_LEASE_MS });
    if (!noted) return 'when woken';
    return numbers.length < LAID_OUT_AT_ONCE ? this.#untilEnd(held) : AT_ONCE;
  }

  #untilEnd({ due, request: { endMs = Infinity } }: Held): NextTime {
    return { inMs: Math.max(0, Math.min(endMs - Date.now(), this.#parts.idleMs - due.unconnectedMs)) };
  }

  async #shakeHands(held: Held): Promise<NextTime> {
    const { due, request, version } = held;
    const at = { id: due.id, version };
    const greets = !isFetched(request.channel) && this.#parts.channels.of(request.channel)?.greets(request);
    if (greets !== true) return this.#setStatus(at, 'active');
    const outcome = await this.#notify(held, 'handshake', due.lastEvent);
    if (outcome.kind === 'accepted') return this.#setStatus(at, 'active');
    if (outcome.kind === 'resting') return { inMs: outcome.ms, rest: true };
    if (due.failures + 1 >= HANDSHAKE_ATTEMPTS_MAX)
      return this.#setStatus(at, 'error', `The handshake failed: ${outcome.fault}.`);
    await this.#parts.records.outbox.deliveries.failed(due);
    return { inMs: backOffMs(due.failures + 1), rest: true };
  }

  async #deliver(held: Held): Promise<NextTime> {
    const { due, request } = held;
    const { deliveries } = this.#parts.records.outbox;
    let failures = due.failures;
    for (let sent = 0; sent < NOTIFICATIONS_MAX && !this.#isStopped(); sent++) {
      const isTopic = request.asked.kind === 'topic';
      const waiting = await deliveries.waiting(due.id, isTopic ? request.channel.eventsMax : 1);
      if (waiting.length === 0) return sent > 0 ? this.#idle(held) : this.#signOfLife(held);
      const next = await this.#attempt(held, waiting, failures);
      if (next !== 'delivered') return next;
      failures = 0;
    }
    return AT_ONCE;
  }

  async #attempt(held: Held, waiting: Delivery[], failures: number): Promise<NextTime | 'delivered'> {
    const { due, version } = held;
    const { deliveries } = this.#parts.records.outbox;
    const leaseMs = DELIVERY_LEASE_MS;
    const events = await this.#events(held, waiting);
    const numbers = events.map(({ delivery }) => delivery.number);
    // A Bot may run for minutes.
    const keeping = setInterval(
      () => void deliveries.keep(due, DELIVERY_LEASE_MS).catch(() => undefined),
      KEEP_MS,
    );
    const outcome = await this.#send(held, events).finally(() => clearInterval(keeping));
    if (outcome === 'withheld') {
      const noted = await deliveries.attempted(due, { numbers, state: 'H', leaseMs });
      return noted ? 'delivered' : 'when woken';
    }
    if (outcome.kind === 'resting') return { inMs: outcome.ms, rest: true };
    if (outcome.kind === 'accepted') {
      const noted = await deliveries.attempted(due, { numbers, state: 'D', leaseMs });
      return noted ? 'delivered' : 'when woken';
    }
    const isLast = waiting[0]!.attempts + 1 >= ATTEMPTS_MAX;
    const { fault } = outcome;
    const given = isLast ? numbers.slice(0, 1) : numbers;
    const noted = await deliveries.attempted(due, {
      numbers: given,
      state: isLast ? 'X' : 'W',
      fault,
      leaseMs,
    });
    if (!noted) return 'when woken';
    if (isLast)
      return this.#setStatus(
        { id: due.id, version },
        'error',
        `Event ${numbers[0]} was given up after ${ATTEMPTS_MAX} attempts: ${fault}.`,
      );
    return { inMs: backOffMs(failures + 1), rest: true };
  }

  /** What the subscriber may see of the events now, of as many as one notification has room for. */
  async #events(
    { resource, request }: Held,
    waiting: readonly Delivery[],
  ): Promise<readonly NotifiedEvent[]> {
    const { records, companions } = this.#parts;
    const subscriber = subscriberOf(resource);
    if (!subscriber) return waiting.map((delivery) => ({ delivery, told: undefined }));
    const caller = await records.callerOf(subscriber);
    const told = async (delivery: Delivery) => {
      const { type, id, version, method, occurred } = delivery;
      const found = await records.version({ type, id, version });
      return found && records.told(caller, { ...found, method, lastUpdated: occurred });
    };
    const { asked, channel } = request;
    return toldEvents(waiting, async (some) => {
      const events = await Promise.all(
        some.map(async (delivery) => ({ delivery, told: await told(delivery) })),
      );
      return companions.with(caller, { asked, content: channel.content }, events);
    });
  }

  async #send(held: Held, events: readonly NotifiedEvent[]): Promise<Outcome | 'withheld'> {
    // A topic's subscriber is told that there was something; of plain criteria nothing would be left to tell.
    const isTopic = held.request.asked.kind === 'topic';
    if (!isTopic && events.every(({ told }) => told === undefined)) return 'withheld';
    const last = events.at(-1)!.delivery.number;
    return this.#notify(held, 'event-notification', Math.max(held.due.lastEvent, last), events);
  }

  /** To whom what is shown, before it leaves: what cannot be recorded is not sent. */
  async #record({ due, resource, request }: Held, events: readonly NotifiedEvent[]): Promise<void> {
    const shown = shownBy(events);
    const subscriber = subscriberOf(resource);
    if (request.channel.content === 'empty' || shown.length === 0 || !subscriber) return;
    const { agent, emergencies } = await this.#parts.records.callerOf(subscriber);
    const origin = { agent, emergencies, requestId: `${due.id}.${events[0]!.delivery.number}` };
    const trail = this.#parts.trails.begin(origin, { event: 'operation', query: `Subscription/${due.id}` });
    trail.showsAll(shown);
    await trail.end(OUTCOME.success);
  }

  async #notify(
    held: Held,
    type: NotificationType,
    eventsSinceStart: number,
    events: readonly NotifiedEvent[] = [],
  ): Promise<Outcome> {
    const { due, request } = held;
    const channel = this.#parts.channels.of(request.channel);
    if (channel === undefined) return { kind: 'failed', fault: 'the channel is not offered any more' };
    const numbers = events.map(({ delivery }) => delivery.number);
    const key =
      numbers.length === 0 ? randomUUID() : [due.id, ...new Set([numbers[0], numbers.at(-1)])].join('.');
    const notice: Notice = { subscription: due.id, request, type, eventsSinceStart, events, key };
    return channel.send(notice, () => this.#record(held, events));
  }

  /** Nothing waits: a heartbeat, where one was asked for. */
  async #signOfLife(held: Held): Promise<NextTime> {
    const { due, request } = held;
    if (request.channel.heartbeatMs !== undefined && request.asked.kind === 'topic')
      await this.#notify(held, 'heartbeat', due.lastEvent); // one that fails is followed by the next
    return this.#idle(held);
  }

  #idle({ request }: Held): NextTime {
    const { endMs, channel } = request;
    const times = [channel.heartbeatMs, endMs === undefined ? undefined : Math.max(0, endMs - Date.now())];
    const inMs = Math.min(...times.map((ms) => ms ?? Infinity));
    return inMs === Infinity ? 'when woken' : { inMs };
  }

  /** The relay hears of it among the changes, and has done what is then due. */
  async #setStatus(
    { id, version }: { id: string; version: number },
    status: SubscriptionStatus,
    error?: string,
  ): Promise<NextTime> {
    await this.#parts.records.changeSubscription(id, version, (tree) => {
      tree.status = status;
      if (error === undefined) delete tree.error;
      else tree.error = error;
    });
    return 'when woken';
  }
}
