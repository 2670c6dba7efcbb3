const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i;

/** An IPv4 address that a socket for both families shows as IPv6, as IPv4. */
export const plainAddress = (address: string): string => address.replace(MAPPED_IPV4, '');

/** Whose requests are counted together: whoever has an IPv6 address has the 2^64 beside it too. */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  return plain.includes(':') ? `${groupsOf(plain).slice(0, 4).join(':')}::/64` : plain;
}

/**
 * The network of a provider, roughly: what stays the same while somebody moves about a town.
 * @returns the first 16 bits of an IPv4 address, 32 of IPv6
 */
export function neighbourhoodOf(address: string): string {
  const plain = plainAddress(address);
  if (plain.includes(':')) return `${groupsOf(plain).slice(0, 2).join(':')}::/32`;
  return `${plain.split('.').slice(0, 2).join('.')}.0.0/16`;
}

/** The eight groups of an IPv6 address, also where `::` stands for some. */
function groupsOf(address: string): string[] {
  const [left = '', right] = address.split('::');
  const head = left.split(':').filter(Boolean);
  if (right === undefined) return head;
  const tail = right.split(':').filter(Boolean);
  return [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail];
}

/** Whether it is this very machine. */
export const isLoopback = (address: string): boolean =>
  address === '::1' || plainAddress(address).startsWith('127.');
