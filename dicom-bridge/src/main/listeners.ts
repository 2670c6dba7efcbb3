import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import { ConfigError, type TlsConfig } from '../config.ts';
import { Listener } from '../dimse/listener.ts';
import { StoreService } from '../dimse/storeService.ts';
import { dimseServices } from './dimseServices.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';

/** Where peers are answered. */
export interface Listeners {
  plain: Listener;
  tls?: Listener;
  /** What receives objects. */
  store: StoreService;
}

/** @throws when a port is taken; ConfigError for files that cannot be read or used */
export async function openListeners(parts: BridgeParts, lifetime: Lifetime): Promise<Listeners> {
  const { config, spool, ledger, uploads, allowList, log } = parts;
  const { dicomHost: host, aeTitle } = config;
  const store = new StoreService({ spool, ledger, log, onReceived: () => uploads.wake() });
  lifetime.atEnd(() => store.settled());
  const common = { host, aeTitle, allowList, store, services: dimseServices(parts, lifetime), log };
  const open = async (port: number, tls?: TlsOptions): Promise<Listener> => {
    const listener = await Listener.listen({ ...common, port, ...(tls && { tls }) });
    lifetime.atEnd(() => listener.close());
    return listener;
  };
  const tlsOptions = config.tls && tlsOptionsOf(config.tls);
  const plain = await open(config.dicomPort);
  return { plain, store, ...(config.tls && { tls: await open(config.tls.port, tlsOptions) }) };
}

const tlsOptionsOf = ({ certFile, keyFile, caFile }: TlsConfig): TlsOptions => ({
  cert: pem(certFile, 'DICOM_TLS_CERT_FILE'),
  key: pem(keyFile, 'DICOM_TLS_KEY_FILE'),
  ca: pem(caFile, 'DICOM_TLS_CA_FILE'),
});

function pem(file: string, name: ConstructorParameters<typeof ConfigError>[0]): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(name, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
