import type * as Bull from 'bullmq';
import type { JobsOptions } from 'bullmq';
import type { StoreQueue } from '../storeQueue.ts';
import type { Backend, KeyJob, KeyQueue, KeyWorker } from './backend.ts';

export interface BullStoreQueueParts {
  name: string;
  backend: () => Promise<Backend>;
  /** Told once each time that the queue is away. */
  onAway: (error: unknown) => void;
}

/** What waits for the queue waits no longer than this. */
const ANSWER_MS_MAX = 1_000;
/** After it did not answer, it is not asked for so long. */
const AWAY_MS = 5_000;
/** How long its end may take, once what is being done has ended. */
const CLOSE_MS_MAX = 2_000;
/** Jobs that are done at a time. */
const CONCURRENCY = 32;
/** A job whose server died is another's after so long, and the next look for such. */
const LOCK_MS = 10_000;
const STALLED_LOOK_MS = 5_000;
/** Not a fault of the job: whoever did it died. */
const STALLED_MAX = 1_000;
const RETRY_MS = 1_000;
/** Of what happened in the queue. */
const EVENTS_KEPT = 100;
const FAILED_KEPT = 100;
/** Told together. */
const BULK_MAX = 100;
/** Of one call; the rest is found by who looks for what is due. */
const KEYS_MAX = 1_000;

type Classes = Pick<typeof Bull, 'Queue' | 'Worker'>;

interface Open {
  queue: KeyQueue;
  worker: KeyWorker;
}

/** A queue of BullMQ: a job says which key of which kind is to be looked at. */
export class BullStoreQueue implements StoreQueue {
  readonly #parts: BullStoreQueueParts;
  readonly #runs = new Map<string, (key: string) => Promise<void>>();
  #opening: Promise<void> | undefined;
  #started: Open | undefined;
  #isReady = false;
  #awayUntilMs = 0;
  #isAway = false;
  #isClosed = false;

  constructor(parts: BullStoreQueueParts) {
    this.#parts = parts;
  }

  handle(kind: string, run: (key: string) => Promise<void>): void {
    this.#runs.set(kind, run);
  }

  open(): void {
    if (this.#isClosed) return;
    this.#opening ??= this.#connect();
  }

  get isAnswering(): boolean {
    return this.#isReady && performance.now() >= this.#awayUntilMs;
  }

  /** To be shown; undefined: it is not open. */
  get queue(): KeyQueue | undefined {
    return this.#isReady ? this.#started?.queue : undefined;
  }

  async wake(kind: string, keys: readonly string[]): Promise<boolean> {
    this.open();
    if (!this.isAnswering) return false;
    try {
      const { queue } = this.#started!;
      for (let from = 0; from < Math.min(keys.length, KEYS_MAX); from += BULK_MAX)
        await bounded(queue.addBulk(keys.slice(from, from + BULK_MAX).map((key) => jobOf(kind, key))));
      this.#isAway = false;
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.race([this.#opening, pause(CLOSE_MS_MAX)]);
    await this.#end();
  }

  async #end(): Promise<void> {
    if (!this.#started) return;
    const { queue, worker } = this.#started;
    this.#started = undefined;
    this.#isReady = false;
    // Where it is away it does not end by itself.
    await Promise.race([worker.close(), pause(CLOSE_MS_MAX)]);
    await Promise.race([queue.close(), pause(CLOSE_MS_MAX)]);
  }

  async #connect(): Promise<void> {
    try {
      const backend = await this.#parts.backend();
      const { Queue, Worker } = await import('bullmq');
      if (this.#isClosed) return;
      const open = this.#start({ Queue, Worker }, backend);
      this.#started = open;
      const ready = Promise.all([open.queue.waitUntilReady(), open.worker.waitUntilReady()]);
      await bounded(ready).catch((error: unknown) => this.#failed(error));
      await ready;
      this.#isReady = true;
    } catch (error) {
      this.#failed(error);
      await this.#end();
      setTimeout(() => (this.#opening = undefined), AWAY_MS).unref();
    }
  }

  #start({ Queue, Worker }: Classes, backend: Backend): Open {
    const { name } = this.#parts;
    const common = { connection: {}, ...(backend.prefix !== undefined && { prefix: backend.prefix }) };
    const events = { maxLen: EVENTS_KEPT };
    const queue: KeyQueue = new Queue(name, { ...common, streams: { events } }, backend.producer);
    const worker: KeyWorker = new Worker(
      name,
      ({ name: kind, data }: KeyJob) => this.#runs.get(kind)?.(data.key) ?? Promise.resolve(),
      {
        ...common,
        concurrency: CONCURRENCY,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_LOOK_MS,
        maxStalledCount: STALLED_MAX,
        runRetryDelay: RETRY_MS,
      },
      backend.consumer,
    );
    // Who asks is told; who waits tries again.
    queue.on('error', () => undefined);
    worker.on('error', () => undefined);
    return { queue, worker };
  }

  #failed(error: unknown): void {
    this.#awayUntilMs = performance.now() + AWAY_MS;
    if (!this.#isAway && !this.#isClosed) this.#parts.onAway(error);
    this.#isAway = true;
  }
}

/** One waits at the most, and one more while one is done. */
const jobOf = (kind: string, key: string) => ({
  name: kind,
  data: { key },
  opts: {
    deduplication: { id: `${kind}/${key}`, keepLastIfActive: true },
    removeOnComplete: true,
    removeOnFail: { count: FAILED_KEPT },
  } satisfies JobsOptions,
});

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

async function bounded<T>(asked: Promise<T>): Promise<T> {
  asked.catch(() => undefined); // it may still fail after nobody waits any more
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${ANSWER_MS_MAX / 1000} s`)), ANSWER_MS_MAX);
  try {
    return await Promise.race([asked, promise]);
  } finally {
    clearTimeout(timer);
  }
}
