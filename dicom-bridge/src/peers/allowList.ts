import { isIP } from 'node:net';

/** Who may open an association, and from where. */
export interface Peer {
  aeTitle: string;
  /** IP address. */
  address: string;
}

/** PS3.5 section 6.2, value representation AE: 16 characters without control characters and backslash, not only spaces. */
const AE_TITLE = /^(?=.*[^ ])[\x20-\x5b\x5d-\x7e]{1,16}$/;

/** Is this an application entity title? Leading and trailing spaces mean nothing: strip them before. */
export const isAeTitle = (text: string): boolean => AE_TITLE.test(text) && text === text.trim();

/**
 * Reads `DICOM_ALLOW`: `AE@address,AE@address`.
 *
 * @throws RangeError that names the entry
 */
export function readAllowList(text: string): Peer[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return entries.map((entry) => {
    const at = entry.lastIndexOf('@');
    const [aeTitle, address] = [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
    if (at < 0 || !isAeTitle(aeTitle) || isIP(address) === 0) {
      throw new RangeError(`DICOM_ALLOW has '${entry}': each entry is AE@address, with an IP address.`);
    }
    return { aeTitle, address };
  });
}

/** The peers that are admitted; everyone else is refused. */
export class AllowList {
  readonly #known: ReadonlySet<string>;

  constructor(peers: Iterable<Peer>) {
    this.#known = new Set([...peers].map(keyOf));
  }

  /** @param address as a socket tells it, IPv4 perhaps as an IPv6 address */
  admits(aeTitle: string, address: string): boolean {
    return this.#known.has(keyOf({ aeTitle: aeTitle.trim(), address }));
  }
}

const keyOf = ({ aeTitle, address }: Peer): string => `${aeTitle}@${plainAddress(address)}`;

/** ::ffff:192.0.2.1 is 192.0.2.1. */
const plainAddress = (address: string): string => address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
