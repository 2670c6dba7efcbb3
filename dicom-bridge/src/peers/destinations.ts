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
  const { aeTitle, address: host, port, isTls = false, certificate } = peer;
  if (!isTls) return { aeTitle, host, port };
  return tls && { aeTitle, host, port, tls: { ...tls, checkServerIdentity: identityCheck(certificate) } };
}

/** As for those who come to us: a certificate that an authority has signed, or the one that is known; modalities have no names in theirs. */
function identityCheck(
  certificate: string | undefined,
): NonNullable<ConnectionOptions['checkServerIdentity']> {
  return (_host, { fingerprint256 }) =>
    certificate === undefined || fingerprint256.replaceAll(':', '').toLowerCase() === certificate
      ? undefined
      : new Error('The peer shows another certificate than is known of it.');
}
