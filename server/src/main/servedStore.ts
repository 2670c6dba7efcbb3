import type { Events } from '../events/startEvents.ts';
import { InstalledPackages } from '../records/packages/installedPackages.ts';
import { SupportedProfiles } from '../records/packages/supportedProfiles.ts';
import type { TenantKeeper } from '../records/tenants.ts';
import { auditUntilEnd, type OpenAudit } from './audit.ts';
import { openBots } from './bots.ts';
import { loadContent } from './content.ts';
import { describeDefect } from './defect.ts';
import { openIdentity, type OpenIdentity } from './identity.ts';
import { identityAudit } from './identityAudit.ts';
import { openEvents } from './events.ts';
import type { Lifetime } from './lifetime.ts';
import type { Machine } from './machine.ts';
import { storeHandlers } from './storeHandlers.ts';
import type { StorePlace } from './storePlace.ts';
import { warnOfUnknownPolicies } from './mfaPolicies.ts';
import { openSchedules } from './schedules.ts';
import { openStoreLimits } from './storeLimits.ts';
import { openStoreRecords, type StoreRecords } from './storeRecords.ts';
import type { Handlers } from './surface.ts';

/** A store with all that is served of it. */
export interface ServedStore extends StoreRecords, Pick<OpenIdentity, 'identity' | 'administratorFile'> {
  events: Events;
  handlers: Handlers;
}

/** How a store is served. */
export interface ServedParts {
  /** Whether requests may come. */
  ready: () => boolean;
  /** Present in the main store. */
  keeper?: TenantKeeper;
  /** Made before whatever else is to be recorded until its end. */
  openAudit?: OpenAudit;
}

/**
 * Opens what each store has: its records, its log, its users and clients, its jobs, its routes. Its schema is up to date.
 *
 * @param lifetime at its end all of that stops
 * @param ready whether requests may come
 * @param openAudit made before whatever else is to be recorded until its end
 * @throws ConfigError, StartError with a message for people
 */
export async function openServedStore(
  machine: Machine,
  place: StorePlace,
  { ready, keeper, ...parts }: ServedParts,
  lifetime: Lifetime,
): Promise<ServedStore> {
  const openAudit = parts.openAudit ?? auditUntilEnd(lifetime);
  const { config, log, toLog, notices } = machine;
  const opened = await openStoreRecords(machine, place, openAudit, lifetime);
  const { store, records, index, settings, audit, trails } = opened;
  const limits = openStoreLimits(machine, place.schema, audit, lifetime);
  const telling: { events?: Events } = {};
  const identity = await openIdentity(
    {
      ...{ config, store, records, notices, place, trails, limits, log: toLog },
      ...identityAudit(audit, limits.refusals, toLog),
      onDefect: (error) => log.error({ defect: describeDefect(error) }, 'a request to sign in failed'),
      onWithdrawn: async (who) => telling.events?.withdraw(who),
    },
    lifetime,
  );
  const installed = new InstalledPackages(settings);
  const supported = new SupportedProfiles(store.structures, installed);
  const { onProgress, stopping } = machine;
  await loadContent({
    ...{ store, records, index, settings, installed, log: toLog, onProgress, stopping },
    config: place.tenant === undefined ? config : { ...config, demo: false },
    dataDir: place.dataDir,
    passwords: identity.identity.passwords,
  });
  await warnOfUnknownPolicies(records, config.mfaPolicies, (message) => toLog('warn', message));
  const queue = machine.queues.forStore(place.schema);
  lifetime.atEnd(() => queue.close());
  const schedules = openSchedules(machine, place, queue, lifetime);
  const bots = await openBots({ machine, place, opened, identity, schedules }, lifetime);
  const events = (telling.events = openEvents({ machine, place, opened, identity, queue, bots }, lifetime));
  schedules.start();
  return {
    ...opened,
    ...identity,
    events,
    handlers: storeHandlers(
      {
        ...{ machine, place, opened, identity, supported, limits, events, queue, bots, ready },
        ...(keeper && { keeper }),
      },
      lifetime,
    ),
  };
}
