import { FhirError, errorIssue } from '../fhir/outcome.ts';
import type { Buckets } from './buckets.ts';
import { isLoopback, networkOf } from './network.ts';
import type { RateLimitSettings } from './settings.ts';

export type LimitName = 'address' | 'user' | 'client';

/** Who was refused, and by which limit. */
export interface Refused {
  limit: LimitName;
  address?: string | undefined;
  clientId?: string | undefined;
  userId?: string | undefined;
}

export type OnRefused = (refused: Refused) => void;

/** Whoever has signed in. */
export interface Spender {
  clientId: string;
  userId?: string | undefined;
}

/**
 * How often somebody may ask a store: by address before it is known who that is, by user and client after it. Everything is decided in
 * memory, at once.
 */
export class StoreLimits {
  readonly #settings: RateLimitSettings;
  readonly #buckets: { addresses: Buckets; accounts: Buckets };
  readonly #schema: string;
  readonly #onRefused: OnRefused;

  constructor(
    settings: RateLimitSettings,
    buckets: { addresses: Buckets; accounts: Buckets },
    schema: string,
    onRefused: OnRefused,
  ) {
    this.#settings = settings;
    this.#buckets = buckets;
    this.#schema = schema;
    this.#onRefused = onRefused;
  }

  /** A request of nobody who is known. @throws FhirError throttled */
  anonymous(address: string | undefined): void {
    const perMinute = this.#perMinuteOf(address);
    if (perMinute === 0) return;
    const waitS = this.#buckets.addresses.take(addressKey(address), perMinute, 1);
    if (waitS > 0) this.#refuse({ limit: 'address', address }, perMinute, waitS);
  }

  /** Whether an address may try whether a token opens anything. @throws FhirError throttled */
  mayTry(address: string | undefined): void {
    const perMinute = this.#perMinuteOf(address);
    if (perMinute === 0) return;
    const waitS = this.#buckets.addresses.wait(addressKey(address), perMinute);
    if (waitS > 0) this.#refuse({ limit: 'address', address }, perMinute, waitS);
  }

  /** A request was refused before it was known who asks. */
  refused(address: string | undefined): void {
    const perMinute = this.#perMinuteOf(address);
    if (perMinute > 0) this.#buckets.addresses.charge(addressKey(address), perMinute, 1);
  }

  /**
   * A request of somebody.
   *
   * @param units what it costs: a read 1
   * @param clientPerMinute of this client, instead of the usual
   * @throws FhirError throttled
   */
  signedIn(
    { clientId, userId }: Spender,
    address: string | undefined,
    units: number,
    clientPerMinute = this.#settings.clientPerMinute,
  ): void {
    if (this.#isFree(address)) return;
    const { userPerMinute } = this.#settings;
    if (userId !== undefined && userPerMinute > 0) {
      const waitS = this.#buckets.accounts.take(this.#key('user', userId), userPerMinute, units);
      if (waitS > 0) this.#refuse({ limit: 'user', address, clientId, userId }, userPerMinute, waitS);
    }
    if (clientPerMinute > 0) {
      const waitS = this.#buckets.accounts.take(this.#key('client', clientId), clientPerMinute, units);
      if (waitS > 0) this.#refuse({ limit: 'client', address, clientId, userId }, clientPerMinute, waitS);
    }
  }

  /** What a request turned out to cost beyond what was said at its beginning: the next one may have to wait for it. */
  charge({ clientId, userId }: Partial<Spender>, address: string | undefined, units: number): void {
    if (this.#isFree(address)) return;
    const { userPerMinute, clientPerMinute } = this.#settings;
    if (userId !== undefined && userPerMinute > 0)
      this.#buckets.accounts.charge(this.#key('user', userId), userPerMinute, units);
    if (clientId !== undefined && clientPerMinute > 0)
      this.#buckets.accounts.charge(this.#key('client', clientId), clientPerMinute, units);
  }

  /** Programs of this machine itself, a loader say, are not limited. */
  #isFree(address: string | undefined): boolean {
    return !this.#settings.limitsLoopback && (address === undefined || isLoopback(address));
  }

  #perMinuteOf(address: string | undefined): number {
    return this.#isFree(address) ? 0 : this.#settings.addressPerMinute;
  }

  #key(limit: LimitName, id: string): string {
    return `${limit} ${this.#schema} ${id}`;
  }

  #refuse(refused: Refused, perMinute: number, waitS: number): never {
    this.#onRefused(refused);
    const text = `${WHO[refused.limit]} may spend ${perMinute} units a minute, and has. Try again in ${waitS} s.`;
    const issue = errorIssue('throttled', text);
    issue.details = { coding: [{ code: `rate-limit-${refused.limit}` }] };
    throw new FhirError('throttled', [issue], waitS);
  }
}

const WHO: Readonly<Record<LimitName, string>> = {
  address: 'An address from which requests come without a valid access token',
  user: 'A user',
  client: 'A client',
};

const addressKey = (address = ''): string => `address ${networkOf(address)}`;
