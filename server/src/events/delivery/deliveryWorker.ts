import { isBusy } from '../../fhir/outcome.ts';
import { DueWorker, type DueKey, type DueWork } from '../../queue/dueWorker.ts';
import type { StoreQueue } from '../../queue/storeQueue.ts';
import type { DueSubscription, NextTime, Outbox } from '../../records/events/eventRecords.ts';
import { Drain, type DrainParts } from './drain.ts';

export interface DeliveryTimes {
  /** For how long a subscription is taken: another process takes it so long after this one has died. */
  leaseMs: number;
  /** How often a process looks whether something is due. */
  idleMs: number;
  /** How long events are kept, delivered or not. */
  keptMs: number;
}

export interface DeliveryParts extends DrainParts {
  queue: StoreQueue;
  times: DeliveryTimes;
  /** Told of errors that are defects; must not log content. */
  onDefect: (error: unknown) => void;
}

export const DELIVERY_IDLE_MS = 500;
/** Subscriptions that one process delivers to at a time. */
const DRAINS_MAX = 32;
/** After a fault of ours that nobody foresaw. */
const FAULT_PAUSE_MS = 5_000;
const SWEEP_EVERY_MS = 60_000;
const SWEPT_AT_ONCE = 5_000;

/** Delivers what is due, many subscriptions at a time and each by one process at a time. */
export class DeliveryWorker implements DueWork {
  readonly kind = 'delivery';
  readonly #parts: DeliveryParts;
  readonly #outbox: Outbox;
  readonly #drain: Drain;
  readonly #worker: DueWorker;
  #sweptMs = -Infinity;

  constructor(parts: DeliveryParts) {
    const { queue, times, onDefect } = parts;
    this.#parts = parts;
    this.#outbox = parts.records.outbox;
    this.#worker = new DueWorker({
      ...{ work: this, queue, onDefect },
      ...{ idleMs: times.idleMs, runsMax: DRAINS_MAX },
    });
    this.#drain = new Drain(parts, () => this.#worker.isStopped);
  }

  start(): void {
    this.#worker.start();
  }

  /** Something is due for these. */
  wake(subscriptions: Iterable<string>): void {
    this.#worker.wake(subscriptions);
  }

  /** Ends when what is being sent is answered, or has timed out. */
  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  isAsked(): Promise<boolean> {
    return this.#outbox.deliveries.isAsked();
  }

  async due(limit: number): Promise<DueKey[]> {
    await this.#sweep();
    return this.#outbox.deliveries.due(limit);
  }

  async carryOut(subscription: string): Promise<boolean> {
    const due = await this.#outbox.deliveries.claim(subscription, this.#parts.times.leaseMs);
    if (!due) return false;
    return this.#outbox.deliveries.release(due, await this.#next(due));
  }

  async #next(due: DueSubscription): Promise<NextTime> {
    try {
      return await this.#drain.run(due);
    } catch (error) {
      if (isBusy(error)) throw error; // free again when its time has run out
      this.#parts.onDefect(error);
      return { inMs: FAULT_PAUSE_MS, rest: true };
    }
  }

  async #sweep(): Promise<void> {
    if (performance.now() - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = performance.now();
    await this.#outbox.deliveries.sweep(this.#parts.times.keptMs, SWEPT_AT_ONCE);
  }
}
