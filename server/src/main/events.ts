import { isIP } from 'node:net';
import { createEvents, type Events } from '../events/startEvents.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { JsonObject, Resource } from '../fhir/resource.ts';
import { isLoopback } from '../outgoing/addresses.ts';
import { Destinations } from '../outgoing/destinations.ts';
import { EventRecords } from '../records/events/eventRecords.ts';
import { WEBSOCKET_PATH } from '../rest/websocket/upgradeResponse.ts';
import type { Validator } from '../validation/validator.ts';
import type { Config } from '../config.ts';
import { describeDefect } from './defect.ts';
import type { OpenIdentity } from './identity.ts';
import type { Lifetime } from './lifetime.ts';
import type { Machine } from './machine.ts';
import type { StorePlace } from './storePlace.ts';
import type { StoreRecords } from './storeRecords.ts';

/** Types whose resources ask for events, or say what an event is. */
const ASKING: ReadonlySet<string> = new Set(['Subscription', 'Basic']);
const DAY_MS = 24 * 3_600_000;

/** What is wrong with Subscriptions and topics: known as soon as events are open. */
export class EventFaults {
  #judge: Events['faults'] | undefined;

  setJudge(judge: Events['faults']): void {
    this.#judge = judge;
  }

  async of(resource: Resource, at?: string): Promise<Issue[]> {
    const faults = (await this.#judge?.(resource)) ?? [];
    if (at === undefined) return faults;
    return faults.map((fault) => ({
      ...fault,
      ...(fault.expression && { expression: fault.expression.map((one) => one.replace(/^[A-Za-z]+/, at)) }),
    }));
  }
}

/** The validator, which of Subscriptions and topics also says whether they can be kept: every way to write them leads through it. */
export function judgingEvents(validator: Validator, faults: EventFaults): Validator {
  return {
    validate(resource, options) {
      const issues = validator.validate(resource, options);
      const asking = askingIn(resource);
      if (asking.length === 0) return issues;
      return (async () => {
        const found = await issues;
        if (found.some(({ severity }) => severity === 'error' || severity === 'fatal')) return found;
        const judged = await Promise.all(asking.map(({ resource: one, at }) => faults.of(one, at)));
        return [...found, ...judged.flat()];
      })();
    },
  };
}

/** The resource itself, or those in a transaction or batch. */
function askingIn(resource: Resource): { resource: Resource; at?: string }[] {
  if (ASKING.has(resource.resourceType)) return [{ resource }];
  if (resource.resourceType !== 'Bundle' || !Array.isArray(resource.entry)) return [];
  return (resource.entry as JsonObject[]).flatMap((entry, i) => {
    const inner = entry?.resource as Resource | undefined;
    const isWritten = inner !== undefined && entry.request !== undefined && ASKING.has(inner.resourceType);
    return isWritten ? [{ resource: inner, at: `Bundle.entry[${i}].resource` }] : [];
  });
}

export interface EventPlace {
  machine: Machine;
  place: StorePlace;
  opened: StoreRecords;
  identity: Pick<OpenIdentity, 'callers' | 'holderOf'>;
}

/** Tells whoever asked what is written, until the end of `lifetime`. */
export function openEvents({ machine, place, opened, identity }: EventPlace, lifetime: Lifetime): Events {
  const { config, log } = machine;
  const { store, terminology, eventFaults } = opened;
  const events = createEvents({
    records: new EventRecords({ store, callers: identity.callers, meanings: terminology.meanings }),
    reading: opened.records,
    definitions: store.definitions,
    destinations: destinationsOf(config, () => machine.ownPorts),
    base: place.fhirBase,
    secret: place.key,
    trails: opened.trails,
    holderOf: identity.holderOf,
    websocketUrl: `${place.root.replace(/^http/, 'ws')}${WEBSOCKET_PATH}`,
    keptMs: config.subscriptionRetentionDays * DAY_MS,
    onDefect: (error) => log.error({ defect: describeDefect(error) }, 'telling of an event failed'),
  });
  eventFaults.setJudge(events.faults);
  events.start();
  lifetime.atEnd(() => events.stop());
  return events;
}

/** Receivers on this machine will do while nobody elsewhere can reach the server. */
export function destinationsOf(
  { subscriptionAllow, host }: Pick<Config, 'subscriptionAllow' | 'host'>,
  ownPorts: () => readonly number[],
): Destinations {
  const isLocal = host === 'localhost' || (isIP(host) !== 0 && isLoopback(host));
  return new Destinations({ allow: subscriptionAllow, loopback: isLocal, ownPorts });
}
