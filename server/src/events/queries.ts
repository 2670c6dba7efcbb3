import { randomUUID } from 'node:crypto';
import { fhirError } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Caller } from '../records/caller.ts';
import { subscriberOf, type Delivery, type EventRecords } from '../records/events/eventRecords.ts';
import type { Records } from '../records/records.ts';
import { notificationBundle } from './notifications/bundle.ts';
import type { Companions } from './notifications/companions.ts';
import type { SigningKeys } from './notifications/signature.ts';
import {
  statusParameters,
  type NotificationType,
  type StatusContent,
} from './notifications/statusParameters.ts';
import { toldEvents } from './notifications/toldEvents.ts';
import { readSubscription, type PayloadContent, type SubscriptionStatus } from './subscriptions/request.ts';

export interface QueryParts {
  events: EventRecords;
  records: Pick<Records, 'read' | 'search' | 'parseSearch'>;
  keys: SigningKeys;
  companions: Companions;
  /** Absolute URL of the FHIR base. */
  base: string;
}

/** Subscriptions whose states one answer has, and events of one answer. */
const SUBSCRIPTIONS_MAX = 1_000;
export const QUERIED_EVENTS_MAX = 500;
const DEAD_LETTERS_MAX = 200;
const SUBSCRIPTION = 'Subscription';
const AFTER = /^([A-Za-z0-9\-.]{1,64})\/(\d{1,15})$/;

/** Answers about Subscriptions and their events, for those who may read them. */
export class EventQueries {
  readonly #parts: QueryParts;

  constructor(parts: QueryParts) {
    this.#parts = parts;
  }

  /** `$status` (OperationDefinition backport-subscription-status). */
  async status(
    caller: Caller,
    asked: { id: string } | { ids: readonly string[]; statuses: readonly string[] },
  ): Promise<string> {
    const found = 'id' in asked ? [await this.#read(caller, asked.id)] : await this.#search(caller, asked);
    const last = await this.#parts.events.outbox.deliveries.lastEvents(found.map(({ id }) => id!));
    const entry = found.map((resource) => {
      const id = randomUUID();
      const content = this.#content(resource, 'query-status', last.get(resource.id!) ?? 0);
      return {
        fullUrl: `urn:uuid:${id}`,
        resource: statusParameters(id, content),
        search: { mode: 'match' },
      };
    });
    return JSON.stringify({
      resourceType: 'Bundle',
      id: randomUUID(),
      type: 'searchset',
      timestamp: new Date().toISOString(),
      total: entry.length,
      ...(entry.length > 0 && { entry }),
    });
  }

  /** `$events` (OperationDefinition backport-subscription-events): at most {@link QUERIED_EVENTS_MAX}, and as many as one answer has room for: those with the lowest numbers. */
  async events(
    caller: Caller,
    id: string,
    { since, until, content }: { since?: number; until?: number; content?: PayloadContent },
  ): Promise<string> {
    const resource = await this.#read(caller, id);
    const { events, base } = this.#parts;
    const { deliveries } = events.outbox;
    const range = {
      ...(since !== undefined && { from: since }),
      ...(until !== undefined && { until }),
      limit: QUERIED_EVENTS_MAX,
    };
    const found = await deliveries.deliveries(id, range);
    const last = (await deliveries.lastEvents([id])).get(id) ?? 0;
    const { asked, channel } = readSubscription(resource);
    const wanted = { asked, content: content ?? channel.content };
    const told = await toldEvents(found, async (some) => {
      const events = some.map(async (delivery) => ({ delivery, told: await this.#told(caller, delivery) }));
      return this.#parts.companions.with(caller, wanted, await Promise.all(events));
    });
    for (const { told: one } of told) if (one) caller.trail?.shows(one);
    return notificationBundle({
      ...{ base, content: wanted.content },
      status: this.#content(resource, 'query-event', last),
      events: told,
    });
  }

  /** The key that notifications are signed with, for who asked for them and for administrators. */
  async signingKey(caller: Caller, id: string): Promise<string> {
    const subscriber = subscriberOf(await this.#read(caller, id));
    const own =
      subscriber?.userId === undefined
        ? `ClientApplication/${subscriber?.clientId}`
        : `User/${subscriber.userId}`;
    if (!caller.isAdministrator && caller.id !== own)
      throw fhirError('forbidden', 'forbidden', 'Only who wrote the Subscription last may see its key.');
    return parameters([{ name: 'key', valueString: this.#parts.keys.of(id) }]);
  }

  /** What was given up, of all Subscriptions. @param after `id/number`: from behind it on */
  async deadLetters(caller: Caller, after: string | undefined): Promise<string> {
    requireAdministrator(caller);
    const [, subscription, number] = AFTER.exec(after ?? '') ?? [];
    if (after !== undefined && subscription === undefined)
      throw fhirError('incorrect', 'value', 'after must be the id of a Subscription and a number: id/17.');
    const from = subscription === undefined ? undefined : { subscription, number: Number(number) };
    const found = await this.#parts.events.outbox.deliveries.dead(from, DEAD_LETTERS_MAX);
    return parameters(found.map(deadLetter));
  }

  async settleDeadLetters(
    caller: Caller,
    subscription: string,
    number: number | undefined,
    how: 'replay' | 'drop',
  ): Promise<string> {
    requireAdministrator(caller);
    const { deliveries } = this.#parts.events.outbox;
    const count =
      how === 'replay'
        ? await deliveries.replay(subscription, number)
        : await deliveries.discard(subscription, number);
    if (count === 0)
      throw fhirError('not-found', 'not-found', 'Of this Subscription no such event was given up.');
    return parameters([{ name: 'count', valueInteger: count }]);
  }

  async #told(caller: Caller, { type, id, version, method, occurred }: Delivery) {
    const { events } = this.#parts;
    const found = await events.version({ type, id, version });
    return found && (await events.told(caller, { ...found, method, lastUpdated: occurred }));
  }

  async #read(caller: Caller, id: string): Promise<Resource> {
    return JSON.parse((await this.#parts.records.read(caller, SUBSCRIPTION, id)).content) as Resource;
  }

  async #search(
    caller: Caller,
    { ids, statuses }: { ids: readonly string[]; statuses: readonly string[] },
  ): Promise<Resource[]> {
    const pairs: [string, string][] = [['_count', String(SUBSCRIPTIONS_MAX)]];
    if (ids.length > 0) pairs.push(['_id', ids.join(',')]);
    if (statuses.length > 0) pairs.push(['status', statuses.join(',')]);
    const { records } = this.#parts;
    const { query } = records.parseSearch({ type: SUBSCRIPTION }, pairs, 'strict');
    const { matches } = await records.search(caller, query);
    return matches.map(({ content }) => JSON.parse(content) as Resource);
  }

  #content(resource: Resource, type: NotificationType, eventsSinceStart: number): StatusContent {
    const { asked } = readSubscription(resource);
    return {
      subscription: `${this.#parts.base}/${SUBSCRIPTION}/${resource.id}`,
      ...(asked.kind === 'topic' && { topic: asked.canonical }),
      status: resource.status as SubscriptionStatus,
      ...{ type, eventsSinceStart },
      ...(typeof resource.error === 'string' && { error: resource.error }),
    };
  }
}

const parameters = (parameter: object[]) =>
  JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });

const deadLetter = ({ subscription, number, type, id, version, occurred, attempts, fault }: Delivery) => ({
  name: 'event',
  part: [
    { name: 'subscription', valueReference: { reference: `${SUBSCRIPTION}/${subscription}` } },
    { name: 'number', valueString: String(number) },
    { name: 'focus', valueReference: { reference: `${type}/${id}/_history/${version}` } },
    { name: 'timestamp', valueInstant: occurred.toISOString() },
    { name: 'attempts', valueInteger: attempts },
    ...(fault === undefined ? [] : [{ name: 'fault', valueString: fault }]),
  ],
});

function requireAdministrator(caller: Caller): void {
  if (caller.isAdministrator) return;
  throw fhirError(
    'forbidden',
    'forbidden',
    'Only administrators may see and settle what could not be delivered.',
  );
}
