import { isIP } from 'node:net';
import type { Bots } from '../bots/bots.ts';
import type { ToPeople } from '../events/channels/openChannels.ts';
import { createEvents, type Events } from '../events/startEvents.ts';
import { isLoopback } from '../outgoing/addresses.ts';
import { Destinations } from '../outgoing/destinations.ts';
import type { StoreQueue } from '../queue/storeQueue.ts';
import { EventRecords } from '../records/events/eventRecords.ts';
import { WEBSOCKET_PATH } from '../rest/websocket/upgradeResponse.ts';
import type { Config } from '../config.ts';
import { describeDefect } from './defect.ts';
import type { OpenIdentity } from './identity.ts';
import type { Lifetime } from './lifetime.ts';
import type { Machine } from './machine.ts';
import { openMail } from './mail.ts';
import { openSms } from './sms.ts';
import type { StorePlace } from './storePlace.ts';
import type { StoreRecords } from './storeRecords.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface EventPlace {
  machine: Machine;
  place: StorePlace;
  opened: StoreRecords;
  identity: Pick<OpenIdentity, 'callers' | 'holderOf' | 'isLetIn'>;
  queue: StoreQueue;
  bots: Bots;
}

/** Tells whoever asked what is written, until the end of `lifetime`. */
export function openEvents(
  { machine, place, opened, identity, queue, bots }: EventPlace,
  lifetime: Lifetime,
): Events {
  const { config, log } = machine;
  const { store, terminology, eventFaults } = opened;
  const events = createEvents({
    records: new EventRecords({
      ...{ store, callers: identity.callers, meanings: terminology.meanings },
      isLetIn: identity.isLetIn,
    }),
    reading: opened.records,
    definitions: store.definitions,
    destinations: destinationsOf(config, () => machine.ownPorts),
    toPeople: toPeople(config, lifetime),
    queue,
    bots,
    base: place.fhirBase,
    secret: place.key,
    trails: opened.trails,
    holderOf: identity.holderOf,
    websocketUrl: `${place.root.replace(/^http/, 'ws')}${WEBSOCKET_PATH}`,
    keptMs: config.subscriptionRetentionDays * DAY_MS,
    idleMs: config.subscriptionIdleHours * HOUR_MS,
    onDefect: (error) => log.error({ defect: describeDefect(error) }, 'telling of an event failed'),
  });
  eventFaults.setJudge(events.faults);
  events.start();
  lifetime.atEnd(() => events.stop());
  return events;
}

/** By what people are told, where the operator has said it. */
function toPeople(
  { smtpUrl, mailFrom, smsUrl, smsFrom, subscriptionRecipients }: Config,
  lifetime: Lifetime,
): ToPeople {
  return {
    recipients: subscriptionRecipients,
    ...(smtpUrl !== undefined && { sendMail: openMail(smtpUrl, mailFrom!, lifetime) }),
    ...(smsUrl !== undefined && { sendSms: openSms(smsUrl, smsFrom!) }),
  };
}

/** Receivers on this machine will do while nobody elsewhere can reach the server. */
export function destinationsOf(
  { subscriptionAllow, host }: Pick<Config, 'subscriptionAllow' | 'host'>,
  ownPorts: () => readonly number[],
): Destinations {
  const isLocal = host === 'localhost' || (isIP(host) !== 0 && isLoopback(host));
  return new Destinations({ allow: subscriptionAllow, loopback: isLocal, ownPorts });
}
