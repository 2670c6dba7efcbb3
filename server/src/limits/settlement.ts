import type { Bucket, Buckets } from './buckets.ts';

/** How often servers tell each other what was spent. */
export const SETTLEMENT_MS = 500;
/** Buckets that are settled by one statement; more are settled by more. */
export const SETTLED_AT_ONCE_MAX = 1_000;

/** What was spent of a bucket since the last settlement. */
export interface Charge {
  key: string;
  perMinute: number;
  spent: number;
}

/** Where all servers of an installation keep what is left. */
export interface Ledger {
  /** @returns what is left of each after that, in the same order */
  settle(charges: readonly Charge[]): Promise<number[]>;
  close(): Promise<void>;
}

/**
 * Settles what was spent with the other servers, in the background: no request waits for it. Between two settlements each server lets
 * in what it believes to be left, so that together they may let in more; that is owed then, and made up for by waiting.
 *
 * While the ledger is away each server counts for itself.
 */
export class Settlement {
  readonly #ledger: Ledger;
  readonly #all: readonly Buckets[];
  readonly #onAway: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #isAway = false;
  #running: Promise<void> | undefined;

  /** @param onAway told once when the ledger does not answer any more */
  constructor(ledger: Ledger, all: readonly Buckets[], onAway: (error: unknown) => void) {
    this.#ledger = ledger;
    this.#all = all;
    this.#onAway = onAway;
    this.#timer = setInterval(() => void this.run(), SETTLEMENT_MS);
    this.#timer.unref();
  }

  /** Settles now; one at a time. */
  run(): Promise<void> {
    this.#running ??= this.#settle().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    await this.#ledger.close();
  }

  async #settle(): Promise<void> {
    try {
      for (const buckets of this.#all) {
        const unsettled = buckets.unsettled();
        for (let i = 0; i < unsettled.length; i += SETTLED_AT_ONCE_MAX)
          await this.#settleSome(buckets, unsettled.slice(i, i + SETTLED_AT_ONCE_MAX));
        if (unsettled.length > 0) this.#isAway = false;
      }
    } catch (error) {
      if (!this.#isAway) this.#onAway(error);
      this.#isAway = true; // what was spent meanwhile is not caught up on: it would be owed all at once
    }
  }

  async #settleSome(buckets: Buckets, some: readonly { bucket: Bucket; spent: number }[]): Promise<void> {
    const charges = some.map(({ bucket: { key, perMinute }, spent }) => ({ key, perMinute, spent }));
    const levels = await this.#ledger.settle(charges);
    some.forEach(({ bucket }, i) => buckets.settle(bucket, levels[i]!));
  }
}
