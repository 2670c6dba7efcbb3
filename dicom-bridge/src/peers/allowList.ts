import { plainAddress, SERVICES_OF_MODALITIES, type Peer, type PeerService } from './peer.ts';

/** The peers that are admitted; everyone else is refused. Who is on it may change at any time. */
export class AllowList {
  #peers: readonly Peer[] = [];
  #byKey = new Map<string, Peer>();

  constructor(peers: Iterable<Peer>) {
    this.replace(peers);
  }

  /** From now on these are the peers; associations that are open stay. */
  replace(peers: Iterable<Peer>): void {
    this.#peers = [...peers];
    this.#byKey = new Map(this.#peers.map((peer) => [keyOf(peer), peer]));
  }

  get peers(): readonly Peer[] {
    return this.#peers;
  }

  /**
   * @param address as a socket tells it, IPv4 perhaps as an IPv6 address
   * @param certificate SHA-256 of what the peer has shown (TLS), as {@link Peer} has it; absent: the connection is without TLS
   */
  admits(aeTitle: string, address: string, certificate?: string): boolean {
    const peer = this.#byKey.get(keyOf({ aeTitle: aeTitle.trim(), address }));
    if (!peer) return false;
    if (peer.certificate !== undefined) return peer.certificate === certificate;
    return peer.isTls !== true || certificate !== undefined;
  }

  /** The first peer with an AE title. */
  find(aeTitle: string): Peer | undefined {
    const title = aeTitle.trim();
    return this.#peers.find((peer) => peer.aeTitle === title);
  }

  /** Whether a peer may ask for a service: where several have its AE title, all of them. */
  mayUse(aeTitle: string, service: PeerService): boolean {
    const title = aeTitle.trim();
    const named = this.#peers.filter((peer) => peer.aeTitle === title);
    const mayUse = ({ services = SERVICES_OF_MODALITIES }: Peer): boolean => services.includes(service);
    return named.length > 0 && named.every(mayUse);
  }

  /** System of the numbers that a sender calls PatientID; undefined: any medical record number. */
  issuerOf(aeTitle: string): string | undefined {
    return this.find(aeTitle)?.issuer;
  }
}

const keyOf = ({ aeTitle, address }: Peer): string => `${aeTitle}@${plainAddress(address)}`;
