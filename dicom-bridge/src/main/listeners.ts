import type { TlsOptions } from 'node:tls';
import { Listener } from '../dimse/listener.ts';
import type { Witness } from '../dimse/witness.ts';
import { StoreService } from '../dimse/storeService.ts';
import { dimseServices } from './dimseServices.ts';
import type { ActivityParts } from './activities.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';
import { readTlsFiles } from './tlsFiles.ts';
import { openUnits } from './units.ts';

/** Where peers are answered. */
export interface Listeners {
  plain: Listener;
  tls?: Listener;
  /** What receives objects. */
  store: StoreService;
}

/** @throws when a port is taken; ConfigError for files that cannot be read or used */
export async function openListeners(
  parts: BridgeParts,
  { activities }: ActivityParts,
  lifetime: Lifetime,
): Promise<Listeners> {
  const { config, spool, ledger, uploads, burst, allowList, log } = parts;
  const { dicomHost: host, aeTitle } = config;
  const store = new StoreService({ spool, ledger, log, burst, onReceived: () => uploads.wake() });
  lifetime.atEnd(() => store.settled());
  const tls = config.tls && readTlsFiles(config.tls);
  const services = dimseServices(parts, activities, lifetime, tls);
  const witness = witnessOf(activities, openUnits(parts, lifetime, tls));
  const common = { host, aeTitle, allowList, store, services, log, witness };
  const open = async (port: number, withTls?: TlsOptions): Promise<Listener> => {
    const listener = await Listener.listen({ ...common, port, ...(withTls && { tls: withTls }) });
    lifetime.atEnd(() => listener.close());
    return listener;
  };
  const plain = await open(config.dicomPort);
  return { plain, store, ...(config.tls && { tls: await open(config.tls.port, tls) }) };
}

/** What happens is told of to the audit log; who is there, to what keeps the states of units. */
const witnessOf = (activities: Witness, isSeen: (aeTitle: string) => void): Witness => ({
  accepted: (peer) => {
    activities.accepted(peer);
    isSeen(peer.aeTitle);
  },
  refused: (peer, why) => activities.refused(peer, why),
  queried: (peer, query) => activities.queried(peer, query),
  stored: (peer, sopInstanceUid) => activities.stored(peer, sopInstanceUid),
});
