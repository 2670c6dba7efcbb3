import { Pauses } from '../../background/pauses.ts';
import { fhirError, isBusy } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { XmlFormat } from '../../fhir/xml/xmlFormat.ts';
import type { Caller } from '../../records/caller.ts';
import type { Delivery, EventRecords, Head } from '../../records/events/eventRecords.ts';
import type { Records } from '../../records/records.ts';
import { inFormat } from '../channels/notificationText.ts';
import { payloadFormat } from '../channels/payload.ts';
import { OUTCOME } from '../../records/trail/trail.ts';
import type { Trails } from '../../records/trail/trails.ts';
import { notificationBundle, shownBy, type NotifiedEvent, type StatusForm } from '../notifications/bundle.ts';
import type { Companions } from '../notifications/companions.ts';
import type { NotificationType } from '../notifications/statusParameters.ts';
import { toldEvents } from '../notifications/toldEvents.ts';
import { readSubscription, type PayloadContent, type SubscriptionRequest } from '../subscriptions/request.ts';
import type { Outlet, Turns } from './outlet.ts';

export interface FeedParts {
  records: Pick<EventRecords, 'outbox' | 'version' | 'told'>;
  reading: Pick<Records, 'read'>;
  trails: Pick<Trails, 'begin'>;
  companions: Companions;
  xml: XmlFormat;
  /** Absolute URL of the FHIR base. */
  base: string;
  /** How often it is asked whether the caller may still be told. */
  checkMs: number;
}

/** Who wants to be told of a Subscription's events, and from where on. */
export interface FeedOrder {
  /** Id of the Subscription. */
  subscription: string;
  /** Number of the last event that is known already. */
  after: number;
  form: StatusForm;
  /** Whether it is written in the format of the Subscription's payload; else in JSON. */
  asAsked: boolean;
  outlet: Outlet;
  turns: Turns;
  origin: { address?: string | undefined; requestId: string };
  /** Who it is, as of now. @throws FhirError `login` when that has ended */
  caller: () => Promise<Caller>;
  /** When it ends unless it is renewed; milliseconds since 1970 UTC. */
  expiresMs: number;
}

/** Nothing is tried again sooner: while the database is away, a heartbeat that is due would take all the time there is. */
const PAUSE_MS_MIN = 10;

/** A Subscription as it was looked at, by whom; good as long as no other version is heard of. */
interface Looked {
  caller: Caller;
  /** What had been heard of when it was read. */
  version: number | undefined;
  request: SubscriptionRequest;
}

const SUBSCRIPTION = 'Subscription';

/**
 * Tells one connection of one Subscription's events, in the order of their numbers: what is in the table of deliveries is sent, from a number on, whoever
 * else was told of it. So nothing depends on which server has the connection.
 */
export class Feed {
  readonly #parts: FeedParts;
  #order: FeedOrder;
  #after: number;
  #head: Head | undefined;
  #looked: Looked | undefined;
  readonly #pauses = new Pauses();
  #sentMs = performance.now();

  constructor(parts: FeedParts, order: FeedOrder) {
    this.#parts = parts;
    this.#order = order;
    this.#after = order.after;
  }

  get subscription(): string {
    return this.#order.subscription;
  }

  /** Until it ends. @throws FhirError that says why, unless it was stopped */
  async run(): Promise<void> {
    try {
      await this.#order.turns.take(() => this.#greet());
      while (!this.#pauses.stopped) {
        if (!(await this.#tryStep())) await this.#pause();
      }
    } catch (error) {
      if (!this.#pauses.stopped) throw error;
    }
  }

  /** The same, by another token. */
  async renew({ caller, expiresMs }: Pick<FeedOrder, 'caller' | 'expiresMs'>): Promise<void> {
    this.#order = { ...this.#order, caller, expiresMs };
    await this.#order.turns.take(() => this.#greet());
  }

  /** What the Subscription's row says now; undefined where it has none (yet). */
  heard(head: Head | undefined): void {
    const isChanged = head?.version !== this.#head?.version;
    this.#head = head;
    if (isChanged || (head !== undefined && head.lastEvent > this.#after)) this.wake();
  }

  wake(): void {
    this.#pauses.wake();
  }

  stop(): void {
    this.#pauses.stop();
  }

  async #greet(): Promise<void> {
    const looked = await this.#look();
    const { subscription } = this.#order;
    const last = (await this.#parts.records.outbox.deliveries.heads([subscription])).get(subscription);
    await this.#notify(looked, 'handshake', last?.lastEvent ?? 0, []);
  }

  /** What the database cannot answer now waits for it. */
  async #tryStep(): Promise<boolean> {
    try {
      return await this.#order.turns.take(() => this.#step());
    } catch (error) {
      if (isBusy(error)) return false;
      throw error;
    }
  }

  /** @returns false when nothing waits */
  async #step(): Promise<boolean> {
    if (this.#pauses.stopped) return false;
    const looked = await this.#look();
    const { asked, channel } = looked.request;
    const { subscription } = this.#order;
    const isTopic = asked.kind === 'topic';
    const range = { from: this.#after + 1, limit: isTopic ? channel.eventsMax : 1 };
    const found = await this.#parts.records.outbox.deliveries.deliveries(subscription, range);
    if (found.length === 0) {
      if (this.#heartbeatInMs(looked) <= 0) await this.#notify(looked, 'heartbeat', this.#after, []);
      return false;
    }
    const content = this.#contentOf(looked);
    const events = await toldEvents(found, async (some) => {
      const told = await Promise.all(some.map((delivery) => this.#told(looked.caller, delivery)));
      return this.#parts.companions.with(looked.caller, { asked, content }, told);
    });
    const last = events.at(-1)!.delivery.number;
    // A topic's subscriber is told that there was something; of plain criteria nothing would be left to tell.
    if (isTopic || events.some(({ told }) => told !== undefined))
      await this.#notify(looked, 'event-notification', last, events);
    this.#after = last;
    return true;
  }

  /** Whether the caller is still there, and may read the Subscription, which still wants to be told. */
  async #look(): Promise<Looked> {
    const { subscription, caller: callerNow, expiresMs } = this.#order;
    if (expiresMs <= Date.now())
      throw fhirError('login', 'login', 'The token has expired: get another one, and bind with that.');
    const caller = await callerNow();
    const version = this.#head?.version;
    if (this.#looked?.caller === caller && this.#looked.version === version) return this.#looked;
    const { content } = await this.#parts.reading.read(caller, SUBSCRIPTION, subscription);
    const resource = JSON.parse(content) as Resource;
    const request = readSubscription(resource);
    if (request.status === 'off' || request.status === 'error')
      throw fhirError('conflict', 'conflict', `The Subscription's state is '${request.status}'.`);
    return (this.#looked = { caller, version, request });
  }

  async #told(caller: Caller, delivery: Delivery): Promise<NotifiedEvent> {
    const { records } = this.#parts;
    const { type, id, version, method, occurred } = delivery;
    const found = await records.version({ type, id, version });
    const told = found && (await records.told(caller, { ...found, method, lastUpdated: occurred }));
    return { delivery, told };
  }

  /** MedplumClient's Subscriptions say nothing of a payload, and want all of it. */
  #contentOf({ request: { asked, channel } }: Looked): PayloadContent {
    const isWhole =
      this.#order.form === 'resource' && asked.kind === 'criteria' && channel.payload === undefined;
    return isWhole ? 'full-resource' : channel.content;
  }

  async #notify(
    looked: Looked,
    type: NotificationType,
    eventsSinceStart: number,
    events: readonly NotifiedEvent[],
  ): Promise<void> {
    const { base } = this.#parts;
    const { subscription, form, outlet } = this.#order;
    const { caller, request } = looked;
    const { asked, status } = request;
    const content = this.#contentOf(looked);
    const text = notificationBundle({
      ...{ base, content, form, events },
      status: {
        subscription: `${base}/${SUBSCRIPTION}/${subscription}`,
        ...(asked.kind === 'topic' && { topic: asked.canonical }),
        ...{ status, type, eventsSinceStart },
      },
    });
    if (content !== 'empty') await this.#record(caller, events);
    this.#sentMs = performance.now();
    const format = this.#order.asAsked ? payloadFormat(request.channel) : 'json';
    await outlet.send(inFormat(this.#parts.xml, text, format), events.at(-1)?.delivery.number);
  }

  /** Before it leaves: what cannot be recorded is not shown. */
  async #record(caller: Caller, events: readonly NotifiedEvent[]): Promise<void> {
    const shown = shownBy(events);
    if (shown.length === 0) return;
    const { subscription, origin } = this.#order;
    const { agent, emergencies } = caller;
    const query = `${SUBSCRIPTION}/${subscription}/$events`;
    const trail = this.#parts.trails.begin({ ...origin, agent, emergencies }, { event: 'operation', query });
    trail.showsAll(shown);
    await trail.end(OUTCOME.success);
  }

  #heartbeatInMs({ request }: Looked): number {
    const { heartbeatMs } = request.channel;
    return heartbeatMs === undefined ? Infinity : heartbeatMs - (performance.now() - this.#sentMs);
  }

  async #pause(): Promise<void> {
    const heartbeatMs = this.#looked === undefined ? Infinity : this.#heartbeatInMs(this.#looked);
    const ms = Math.max(
      PAUSE_MS_MIN,
      Math.min(this.#parts.checkMs, heartbeatMs, this.#order.expiresMs - Date.now()),
    );
    // What came and went between two looks of the relay is never heard of.
    if (!(await this.#pauses.pause(ms))) this.#looked = undefined;
  }
}
