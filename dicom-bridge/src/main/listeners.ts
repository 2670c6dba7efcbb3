import type { TlsOptions } from 'node:tls';
import { Listener } from '../dimse/listener.ts';
import { StoreService } from '../dimse/storeService.ts';
import { dimseServices } from './dimseServices.ts';
import type { ActivityParts } from './activities.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';
import { readTlsFiles } from './tlsFiles.ts';

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
  { activities: witness }: ActivityParts,
  lifetime: Lifetime,
): Promise<Listeners> {
  const { config, spool, ledger, uploads, burst, allowList, log } = parts;
  const { dicomHost: host, aeTitle } = config;
  const store = new StoreService({ spool, ledger, log, burst, onReceived: () => uploads.wake() });
  lifetime.atEnd(() => store.settled());
  const tls = config.tls && readTlsFiles(config.tls);
  const services = dimseServices(parts, witness, lifetime, tls);
  const common = { host, aeTitle, allowList, store, services, log, witness };
  const open = async (port: number, withTls?: TlsOptions): Promise<Listener> => {
    const listener = await Listener.listen({ ...common, port, ...(withTls && { tls: withTls }) });
    lifetime.atEnd(() => listener.close());
    return listener;
  };
  const plain = await open(config.dicomPort);
  return { plain, store, ...(config.tls && { tls: await open(config.tls.port, tls) }) };
}
