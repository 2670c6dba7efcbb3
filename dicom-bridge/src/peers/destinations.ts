import type { ConnectionOptions } from 'node:tls';
import type { Destination } from '../dimse/outgoingAssociation.ts';
import type { Peer } from './peer.ts';

/**
 * Where a peer takes associations.
 *
 * @param tls key, certificate and authorities of the bridge; absent: it cannot speak TLS
 * @returns undefined where its port is not known, or it is spoken to over TLS and we cannot
 */
export function destinationOf(peer: Peer | undefined, tls?: ConnectionOptions): Destination | undefined {
  if (peer?.port === undefined) return undefined;
  const { aeTitle, address: host, port, isTls = false } = peer;
  if (!isTls) return { aeTitle, host, port };
  return tls && { aeTitle, host, port, tls };
}
