import { Pauses } from '../background/pauses.ts';
import { isBusy } from '../fhir/outcome.ts';
import type { StoreQueue } from './storeQueue.ts';

/** Something that is due. */
export interface DueKey {
  key: string;
  /** For how long, in milliseconds, by the clock of the database. */
  sinceMs: number;
}

/** Work whose state stands in tables. */
export interface DueWork {
  /** Names it in the queue. */
  kind: string;
  /** Whether there may be anything to do at all, now or later. */
  isAsked(): Promise<boolean>;
  /** What is due and at which nobody is, longest first. */
  due(limit: number): Promise<DueKey[]>;
  /** Does what is due for a key, unless nothing is, or somebody is at it. @returns whether something is due again at once */
  carryOut(key: string): Promise<boolean>;
}

export interface DueWorkerParts {
  work: DueWork;
  queue: StoreQueue;
  /** How often is looked what is due. */
  idleMs: number;
  /** How much is done at a time. */
  runsMax: number;
  /** Told of errors that are defects; must not log content. */
  onDefect: (error: unknown) => void;
}

/** What the queue did not have done within this time is done without it. */
export const LATE_MS = 2_000;
/** What one look finds at the most. */
const FOUND_MAX = 200;
/** After a fault of ours that nobody foresaw. */
const FAULT_PAUSE_MS = 5_000;

/**
 * Has work done when it is due: wakes one server by the queue, and does itself what stays undone. So a queue that is slow, away or has
 * forgotten everything delays work, and loses none.
 */
export class DueWorker {
  readonly #parts: DueWorkerParts;
  readonly #runs = new Map<string, Promise<void>>();
  /** To be told to the queue. */
  #woken = new Set<string>();
  #telling: Promise<void> | undefined;
  /** When the queue was told of keys that are due. */
  readonly #toldMs = new Map<string, number>();
  #isAsked = false;
  readonly #pauses = new Pauses();
  #running: Promise<void> | undefined;

  constructor(parts: DueWorkerParts) {
    this.#parts = parts;
    parts.queue.handle(parts.work.kind, (key) => this.#run(key));
  }

  get isStopped(): boolean {
    return this.#pauses.stopped;
  }

  start(): void {
    this.#running ??= this.#look();
  }

  /** Something has become due. */
  wake(keys: Iterable<string>): void {
    if (this.#pauses.stopped) return;
    for (const key of keys) this.#woken.add(key);
    this.#telling ??= this.#tell();
  }

  /** Ends when what is being done has ended. */
  async stop(): Promise<void> {
    this.#pauses.stop();
    await Promise.all([this.#running, this.#telling]);
    await Promise.all(this.#runs.values());
  }

  async #tell(): Promise<void> {
    const { queue, work } = this.#parts;
    if (!this.#isAsked) this.#ask();
    await Promise.resolve(); // those who are woken together are told together
    while (this.#woken.size > 0) {
      const keys = [...this.#woken];
      this.#woken = new Set();
      if (!(await queue.wake(work.kind, keys))) this.#pauses.wake();
    }
    this.#telling = undefined;
  }

  #ask(): void {
    this.#isAsked = true;
    this.#parts.queue.open();
  }

  async #look(): Promise<void> {
    while (!this.#pauses.stopped) {
      try {
        if (!this.#isAsked && (await this.#parts.work.isAsked())) this.#ask();
        if (this.#isAsked) await this.#take(await this.#parts.work.due(FOUND_MAX));
        await this.#pauses.pause(this.#parts.idleMs);
      } catch (error) {
        if (!isBusy(error)) this.#parts.onDefect(error);
        await this.#pauses.pause(FAULT_PAUSE_MS);
      }
    }
  }

  /** Does what is late, tells the queue of the rest. */
  async #take(found: readonly DueKey[]): Promise<void> {
    const { queue, runsMax } = this.#parts;
    const nowMs = performance.now();
    const fresh: string[] = [];
    for (const { key, sinceMs } of found) {
      if (this.#runs.has(key)) continue;
      const isLate = !queue.isAnswering || sinceMs >= LATE_MS;
      if (isLate && this.#runs.size < runsMax) void this.#run(key);
      else if (queue.isAnswering && (this.#toldMs.get(key) ?? -Infinity) < nowMs - LATE_MS) fresh.push(key);
    }
    for (const [key, ms] of this.#toldMs) if (ms < nowMs - LATE_MS) this.#toldMs.delete(key);
    for (const key of fresh) this.#toldMs.set(key, nowMs);
    if (fresh.length > 0) this.wake(fresh);
  }

  /** Never rejects: what failed is due again, by what its table says. */
  #run(key: string): Promise<void> {
    const run = this.#runs.get(key) ?? this.#begin(key);
    this.#runs.set(key, run);
    return run;
  }

  async #begin(key: string): Promise<void> {
    try {
      const isAgain = !this.#pauses.stopped && (await this.#parts.work.carryOut(key));
      if (isAgain) this.wake([key]);
    } catch (error) {
      if (!isBusy(error)) this.#parts.onDefect(error);
    } finally {
      this.#runs.delete(key);
      // Others may wait for its place.
      if (this.#runs.size + 1 >= this.#parts.runsMax) this.#pauses.wake();
    }
  }
}
