import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isLoopback, isPublic, plainAddress } from './addresses.ts';

export interface DestinationRules {
  /** Origins (`http://receiver.internal:8080`) that may be anywhere and without TLS. */
  allow: readonly string[];
  /** Whether receivers on this machine will do, without TLS. */
  loopback: boolean;
  /** Ports on which this server itself listens: nothing is sent there, whatever is allowed. */
  ownPorts: () => readonly number[];
}

const LOCAL_NAME = /(^|\.)localhost$/;

/**
 * Where the server may send what others asked it to send. It can reach what they cannot: so only public addresses over TLS, where the
 * operator has not said more. A name is judged by the address that it leads to, when it does.
 */
export class Destinations {
  readonly #rules: DestinationRules;
  readonly #allowed: ReadonlySet<string>;

  constructor(rules: DestinationRules) {
    this.#rules = rules;
    this.#allowed = new Set(rules.allow);
  }

  /** What is wrong with a URL, as far as it can be told without a look at where its name leads. @returns a sentence */
  urlFault(text: string): string | undefined {
    if (!URL.canParse(text)) return 'It is no absolute URL.';
    const url = new URL(text);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'It must be an https URL.';
    if (url.username !== '' || url.password !== '') return 'A URL with a user or password is not taken.';
    const host = hostOf(url);
    if (isIP(host) !== 0) return this.addressFault(url, host);
    if (this.#allowed.has(url.origin)) return undefined;
    if (LOCAL_NAME.test(host)) return this.addressFault(url, '127.0.0.1');
    return url.protocol === 'https:' ? undefined : PLAIN;
  }

  /** What is wrong with sending to a URL, now that its name has led to this address. @returns a sentence */
  addressFault(url: URL, address: string): string | undefined {
    const plain = plainAddress(address);
    if (this.#isOwn(plain, portOf(url))) return 'It is a port of this server.';
    if (this.#allowed.has(url.origin)) return undefined;
    if (isLoopback(plain)) return this.#rules.loopback ? undefined : NOT_PUBLIC;
    if (!isPublic(plain)) return NOT_PUBLIC;
    return url.protocol === 'https:' ? undefined : PLAIN;
  }

  #isOwn(address: string, port: number): boolean {
    if (!this.#rules.ownPorts().includes(port)) return false;
    if (isLoopback(address) || address === '0.0.0.0' || address === '::') return true;
    return Object.values(networkInterfaces()).some((all) => all?.some((own) => own.address === address));
  }
}

const NOT_PUBLIC = 'It is no public address, and the operator has not allowed it.';
const PLAIN = 'It must be an https URL.';

/** Without the brackets of IPv6 addresses. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

const portOf = (url: URL): number =>
  url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
