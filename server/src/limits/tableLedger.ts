import type { RateLimitTable } from '../store/rateLimitTable.ts';
import type { Charge, Ledger } from './settlement.ts';

/** Settlements after which what is forgotten is removed. */
const SWEEP_EVERY = 600;

/** What is left of limits, in PostgreSQL. */
export class TableLedger implements Ledger {
  readonly #table: RateLimitTable;
  #settled = 0;

  constructor(table: RateLimitTable) {
    this.#table = table;
  }

  async settle(charges: readonly Charge[]): Promise<number[]> {
    this.#settled += 1;
    if (this.#settled % SWEEP_EVERY === 0) await this.#table.sweep();
    return this.#table.settle(charges);
  }

  async close(): Promise<void> {}
}
