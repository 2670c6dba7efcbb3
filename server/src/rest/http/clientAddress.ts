import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** IP address of whoever sends a request; undefined where the connection is gone. */
export type AddressOf = (raw: IncomingMessage) => string | undefined;

/** Addresses of an X-Forwarded-For that are looked at, from its end. */
const HOPS_MAX = 20;
const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i;
const MAPPED_PREFIX = '::ffff:';

/** Names for networks in TRUST_PROXY. */
const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/**
 * Who sends a request: the other end of the connection, or where that is a proxy that is trusted, whom it names. Proxies append to
 * X-Forwarded-For, so it is read from its end, as far as it was written by those that are trusted: what a client writes there counts for nothing.
 *
 * @param trusted addresses and networks of the proxies, `loopback`, `private`
 * @throws RangeError that says what one that is none of these is not
 */
export function clientAddress(trusted: readonly string[]): AddressOf {
  const proxies = blockListOf(trusted);
  if (proxies === undefined) return peerOf;
  return (raw) => {
    let address = peerOf(raw);
    const named = raw.headers['x-forwarded-for'];
    if (named === undefined) return address;
    const hops = (Array.isArray(named) ? named.join(',') : named).split(',').slice(-HOPS_MAX);
    while (address !== undefined && isTrusted(proxies, address)) {
      const before = addressIn(hops.pop());
      if (before === undefined) break;
      address = before;
    }
    return address;
  };
}

function peerOf(raw: IncomingMessage): string | undefined {
  const address = raw.socket.remoteAddress;
  return address?.startsWith(MAPPED_PREFIX) ? address.replace(MAPPED_IPV4, '') : address;
}

const isTrusted = (proxies: BlockList, address: string): boolean =>
  proxies.check(address, address.includes(':') ? 'ipv6' : 'ipv4');

/** `192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]:4711`: some proxies tell the port too. */
function addressIn(hop = ''): string | undefined {
  const text = hop.trim();
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  const address = (bracketed ?? plain ?? text).replace(MAPPED_IPV4, '');
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

function blockListOf(trusted: readonly string[]): BlockList | undefined {
  const list = new BlockList();
  for (const name of trusted.flatMap((one) => NETWORKS[one] ?? [one])) addTo(list, name);
  return trusted.length === 0 ? undefined : list;
}

function addTo(list: BlockList, name: string): void {
  const [address = '', bits, ...rest] = name.split('/');
  const family = isIP(address);
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const most = family === 6 ? 128 : 32;
  if (family === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) throw notOne(name);
  if (bits === undefined) return list.addAddress(address, type);
  if (Number(bits) > most) throw notOne(name);
  list.addSubnet(address, Number(bits), type);
}

const notOne = (name: string): RangeError =>
  new RangeError(
    `is no address, no network such as 10.0.0.0/8, and neither loopback nor private: ${JSON.stringify(name)}`,
  );
