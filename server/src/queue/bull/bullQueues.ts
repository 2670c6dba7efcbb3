import { BullStoreQueue } from './bullStoreQueue.ts';
import type { Backend } from './backend.ts';

export interface BullQueuesParts {
  /** Connects to where queues are kept; what needs BullMQ is loaded only then. */
  open: () => Promise<Backend>;
  /** Told when the queue is away, and why. */
  onAway: (error: unknown) => void;
}

/** Before it is tried again to connect. */
const REOPEN_MS_MIN = 5_000;

/** The queues of a process, one for each store, over the same connections. They are opened when one is first needed. */
export class BullQueues {
  readonly #parts: BullQueuesParts;
  #backend: Promise<Backend> | undefined;
  #isClosed = false;

  constructor(parts: BullQueuesParts) {
    this.#parts = parts;
  }

  /** That of a store. @param name unique among all stores that are kept in the same place */
  forStore(name: string): BullStoreQueue {
    return new BullStoreQueue({ name, backend: () => this.#opened(), onAway: this.#parts.onAway });
  }

  #opened(): Promise<Backend> {
    if (this.#isClosed) return Promise.reject(new Error('the queues are closed'));
    this.#backend ??= this.#parts.open().catch(async (error: unknown) => {
      setTimeout(() => (this.#backend = undefined), REOPEN_MS_MIN).unref();
      throw error;
    });
    return this.#backend;
  }

  /** To be called when all queues of stores are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#backend?.then(
      (backend) => backend.close(),
      () => undefined,
    );
  }
}
