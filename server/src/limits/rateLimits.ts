import { Buckets } from './buckets.ts';
import type { RateLimitSettings } from './settings.ts';
import { Settlement, type Ledger } from './settlement.ts';
import { StoreLimits, type OnRefused } from './storeLimits.ts';

export interface RateLimitsParts extends RateLimitSettings {
  /** Absent: each server counts for itself. */
  ledger?: Ledger;
  /** Told once when the ledger does not answer any more. */
  onLedgerAway(error: unknown): void;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
}

/** How often somebody may ask, in all stores of a process (decision 0042). */
export class RateLimits {
  readonly #parts: RateLimitsParts;
  readonly #addresses: Buckets;
  readonly #accounts: Buckets;
  readonly #settlement: Settlement | undefined;

  constructor(parts: RateLimitsParts) {
    this.#parts = parts;
    const { ledger, now, onLedgerAway } = parts;
    this.#addresses = new Buckets(ledger !== undefined, now);
    this.#accounts = new Buckets(ledger !== undefined, now);
    const all = [this.#addresses, this.#accounts];
    this.#settlement = ledger && new Settlement(ledger, all, onLedgerAway);
  }

  /** Those of a store: users and clients are its own, addresses are everybody's. @param schema of the store */
  forStore(schema: string, onRefused: OnRefused): StoreLimits {
    const buckets = { addresses: this.#addresses, accounts: this.#accounts };
    return new StoreLimits(this.#parts, buckets, schema, onRefused);
  }

  /** Settles with the other servers now, instead of within half a second. */
  async settle(): Promise<void> {
    await this.#settlement?.run();
  }

  async stop(): Promise<void> {
    await this.#settlement?.stop();
  }
}
