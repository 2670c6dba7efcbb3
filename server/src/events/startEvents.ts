import type { Definitions } from '../fhir/definitions/types.ts';
import { createPathModel } from '../fhir/path/evaluate/compileExpression.ts';
import type { Issue } from '../fhir/outcome.ts';
import { createXmlFormat } from '../fhir/xml/xmlFormat.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Destinations } from '../outgoing/destinations.ts';
import type { StoreQueue } from '../queue/storeQueue.ts';
import type { Trails } from '../records/trail/trails.ts';
import type { EventRecords } from '../records/events/eventRecords.ts';
import type { BotRunner } from './channels/botHook.ts';
import { openChannels, type ToPeople } from './channels/openChannels.ts';
import { DELIVERY_IDLE_MS, DeliveryWorker } from './delivery/deliveryWorker.ts';
import { DELIVERY_LEASE_MS } from './delivery/drain.ts';
import { BindingTokens } from './live/bindingTokens.ts';
import { LiveEvents, type Holder } from './live/liveEvents.ts';
import { LiveQueries } from './live/liveQueries.ts';
import { EventQueries, type QueryParts } from './queries.ts';
import { Companions } from './notifications/companions.ts';
import { SigningKeys } from './notifications/signature.ts';
import { Relay } from './relay/relay.ts';
import { subscriptionFaults } from './subscriptions/judge.ts';
import { asksTopic } from './subscriptions/request.ts';
import { withdraw, type Withdrawal } from './subscriptions/withdrawal.ts';
import { CurrentTopics } from './topics/currentTopics.ts';
import { topicFaults } from './topics/topics.ts';

export interface EventsParts {
  records: EventRecords;
  /** For those who ask. */
  reading: QueryParts['records'];
  definitions: Definitions;
  destinations: Destinations;
  toPeople: ToPeople;
  /** Wakes whoever delivers. */
  queue: StoreQueue;
  /** Absolute URL of the FHIR base. */
  base: string;
  /** Of SECRET_KEY_FILE. */
  secret: Uint8Array;
  /** How long events are kept, delivered or not. */
  keptMs: number;
  /** How long a Subscription is kept up to which nobody connects. */
  idleMs: number;
  trails: Trails;
  bots: BotRunner;
  /** Who holds an access token. @throws FhirError `login` where it opens nothing (any more) */
  holderOf: (authorization: string) => Promise<Holder>;
  /** Absolute URL where a WebSocket is opened. */
  websocketUrl: string;
  /** Told of errors that are defects; must not log content. */
  onDefect: (error: unknown) => void;
}

/** How long receivers may take to answer when the server ends. */
const STOP_MS_MAX = 1_500;

/** Events of a store: whoever asked is told of what is written. */
export interface Events {
  queries: EventQueries;
  /** For those who connect. */
  live: LiveEvents;
  liveQueries: LiveQueries;
  /** What clients are told of it. */
  support: { topics(): Promise<readonly string[]>; websocketUrl: string };
  /** What is wrong with a Subscription or a topic whose structure is valid. */
  faults(resource: Resource): Promise<Issue[]>;
  /** Somebody's access was withdrawn. */
  withdraw(withdrawal: Withdrawal): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export function createEvents(parts: EventsParts): Events {
  const { records, definitions, destinations, base, secret, keptMs, onDefect } = parts;
  const { criteria } = records;
  const paths = createPathModel(definitions);
  const keys = new SigningKeys(secret);
  const current = new CurrentTopics(records, { criteria, paths });
  const faults = async (resource: Resource): Promise<Issue[]> => {
    if (resource.resourceType === 'Basic') return topicFaults({ criteria, paths }, resource);
    if (resource.resourceType !== 'Subscription') return [];
    const topics = asksTopic(resource) ? await current.read() : current.none;
    return subscriptionFaults({ criteria, topics, channels }, resource);
  };
  const ending = new AbortController();
  const xml = createXmlFormat(definitions);
  const channels = openChannels({
    ...{ base, destinations, keys, toPeople: parts.toPeople, signal: ending.signal },
    bots: { bots: parts.bots, records },
    xml,
  });
  const companions = new Companions({ topics: current, reading: parts.reading });
  const worker = new DeliveryWorker({
    ...{ records, channels, companions, onDefect, queue: parts.queue, trails: parts.trails },
    idleMs: parts.idleMs,
    faultsOf: async (resource) => (await faults(resource)).map(({ diagnostics }) => diagnostics),
    times: { leaseMs: DELIVERY_LEASE_MS, idleMs: DELIVERY_IDLE_MS, keptMs },
  });
  const { reading, trails, holderOf, websocketUrl } = parts;
  const tokens = new BindingTokens(secret);
  const live = new LiveEvents({
    records,
    reading,
    trails,
    companions,
    xml,
    base,
    tokens,
    holderOf,
    onDefect,
  });
  const onDue = (subscriptions: ReadonlySet<string>) => {
    worker.wake(subscriptions);
    live.wake();
  };
  const relay = new Relay({ records, paths, onDefect, onDue });
  return {
    queries: new EventQueries({ events: records, records: parts.reading, companions, keys, base }),
    live,
    liveQueries: new LiveQueries({ live, reading, tokens, holderOf, websocketUrl }),
    support: { websocketUrl, topics: async () => (await current.recent()).urls },
    faults,
    withdraw: (withdrawal) => withdraw(records, withdrawal),
    start() {
      relay.start();
      worker.start();
    },
    async stop() {
      const giveUp = setTimeout(() => ending.abort(), STOP_MS_MAX);
      await Promise.all([relay.stop(), worker.stop(), live.stop()]);
      clearTimeout(giveUp);
    },
  };
}
