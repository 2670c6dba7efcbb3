import { isBusy } from '../../fhir/outcome.ts';
import type { DueSubscription, NextTime, Outbox } from '../../records/events/eventRecords.ts';
import { Drain, type DrainParts } from './drain.ts';

export interface DeliveryTimes {
  /** For how long a subscription is taken: another process takes it so long after this one has died. */
  leaseMs: number;
  /** How often a process with nothing to do looks whether something is due. */
  idleMs: number;
  /** How long events are kept, delivered or not. */
  keptMs: number;
}

export interface DeliveryParts extends DrainParts {
  times: DeliveryTimes;
  /** Told of errors that are defects; must not log content. */
  onDefect: (error: unknown) => void;
}

/** Longer than an attempt may take by default. */
export const DELIVERY_LEASE_MS = 15_000;
export const DELIVERY_IDLE_MS = 500;
/** Subscriptions that one process delivers to at a time. */
export const DRAINS_MAX = 32;
/** After a fault of ours that nobody foresaw. */
const FAULT_PAUSE_MS = 5_000;
const SWEEP_EVERY_MS = 60_000;
const SWEPT_AT_ONCE = 5_000;

/** Delivers what is due, many subscriptions at a time and each by one process at a time. */
export class DeliveryWorker {
  readonly #parts: DeliveryParts;
  readonly #outbox: Outbox;
  readonly #drain: Drain;
  readonly #drains = new Set<Promise<void>>();
  #isStopped = false;
  #isWoken = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #sweptMs = -Infinity;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#outbox = parts.records.outbox;
    this.#drain = new Drain(parts, () => this.#isStopped);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something is due. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Ends when what is being sent is answered, or has timed out. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake?.();
    await this.#running;
    await Promise.all(this.#drains);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        const free = DRAINS_MAX - this.#drains.size;
        const taken = free > 0 ? await this.#outbox.deliveries.claim(free, this.#parts.times.leaseMs) : [];
        for (const due of taken) this.#begin(due);
        await this.#sweep();
        if (taken.length === 0 || taken.length === free) await this.#pause(this.#parts.times.idleMs);
      } catch (error) {
        if (!isBusy(error)) this.#parts.onDefect(error);
        await this.#pause(FAULT_PAUSE_MS);
      }
    }
  }

  #begin(due: DueSubscription): void {
    const drain = this.#carryOut(due).finally(() => {
      this.#drains.delete(drain);
      this.wake();
    });
    this.#drains.add(drain);
  }

  /** Never rejects: a subscription that cannot be put back is free again when its time has run out. */
  async #carryOut(due: DueSubscription): Promise<void> {
    try {
      await this.#outbox.deliveries.release(due, await this.#next(due));
    } catch (error) {
      if (!isBusy(error)) this.#parts.onDefect(error);
    }
  }

  async #next(due: DueSubscription): Promise<NextTime> {
    try {
      return await this.#drain.run(due);
    } catch (error) {
      if (isBusy(error)) throw error;
      this.#parts.onDefect(error);
      return { inMs: FAULT_PAUSE_MS, rest: true };
    }
  }

  async #sweep(): Promise<void> {
    if (performance.now() - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = performance.now();
    await this.#outbox.deliveries.sweep(this.#parts.times.keptMs, SWEPT_AT_ONCE);
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isStopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = resolve;
    if (this.#isWoken) resolve();
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
    this.#isWoken = false;
  }
}
