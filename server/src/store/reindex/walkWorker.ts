import { randomUUID } from 'node:crypto';
import { isBusy } from '../../fhir/outcome.ts';
import { historyHorizon } from '../history/horizon.ts';
import { Pauses } from '../../background/pauses.ts';
import { isStalePlan } from '../resource/insertSql.ts';
import type { Walk } from './walks.ts';
import { walkBatch, type Step, type WalkParts } from './walkBatch.ts';

/** How long a worker with nothing to do sleeps before it looks whether other servers were asked. */
const IDLE_MS = 1_000;
/** Before what went wrong is tried again. */
const FAULT_PAUSE_MS = 5_000;
/** How often a command-line tool looks how far another worker has come. */
const WATCH_MS = 500;
const HORIZON_POLL_MS = 20;

export interface WalkWorkerOptions {
  /** Pause after a batch, as a multiple of the time that it took: what is left to others. */
  pauseRatio: number;
  /** The form that rows are written in; noted with each walk. */
  form: string;
  onFault(fault: string): void;
  /** Called when a walk has come to its end. */
  onFinished(): Promise<void>;
}

/** Carries out the walks that were asked for, one after the other. Any number may run: one at a time is at work. */
export class WalkWorker {
  readonly #parts: WalkParts;
  readonly #options: WalkWorkerOptions;
  readonly #name = randomUUID();
  readonly #pauses = new Pauses();
  #running: Promise<void> | undefined;

  constructor(parts: WalkParts, options: WalkWorkerOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Begins to look for walks, in the background. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks at once. */
  wake(): void {
    this.#pauses.wake();
  }

  /** Ends after the batch under way; what is left goes on elsewhere, or at the next start. */
  async stop(): Promise<void> {
    this.#pauses.stop();
    await this.#running;
  }

  /**
   * Works until no walk is left that can be ended, and waits for those that another worker is at. For command-line tools.
   *
   * @param onStep told after each batch
   */
  async runToEnd(onStep: (walk: Walk) => void): Promise<void> {
    const failed = new Set<string>();
    try {
      for (;;) {
        const walk = await this.#claim();
        if (walk) {
          if (failed.has(walk.type)) return;
          if (!(await this.#attempt(walk, onStep))) failed.add(walk.type);
          continue;
        }
        const elsewhere = (await this.#parts.walks.all()).find(({ attended }) => attended);
        if (!elsewhere) return;
        onStep(elsewhere);
        await this.#pauses.pause(WATCH_MS);
      }
    } finally {
      await this.#release();
    }
  }

  async #run(): Promise<void> {
    while (!this.#pauses.stopped) {
      let pauseMs = IDLE_MS;
      try {
        const walk = await this.#claim();
        if (walk) pauseMs = (await this.#attempt(walk)) ? 0 : FAULT_PAUSE_MS;
      } catch (error) {
        // While the database is away, it says so itself. The walk stands where it stood.
        if (!isBusy(error)) this.#options.onFault(`no reindex can be done: ${(error as Error).message}`);
      }
      await this.#pauses.pause(pauseMs);
    }
    await this.#release();
  }

  /** Lets others take over at once. Where that cannot be said, the claim ends by itself. */
  async #release(): Promise<void> {
    await this.#parts.walks.release(this.#name).catch(() => undefined);
  }

  #claim(): Promise<Walk | undefined> {
    return this.#parts.walks.claim(this.#name, this.#options.form);
  }

  /** @returns false when there is a fault, which is noted with the walk; it is tried again */
  async #attempt(walk: Walk, onStep?: (walk: Walk) => void): Promise<boolean> {
    try {
      await this.#walk(walk, onStep);
      return true;
    } catch (error) {
      if (isBusy(error)) throw error;
      const fault = `${(error as Error).message}${describeCause(error)}`;
      this.#options.onFault(`the reindex of ${walk.type} does not go on: ${fault}`);
      await this.#parts.walks.fail(this.#name, walk, fault);
      return false;
    }
  }

  /** From where it stands to its end, or until it is taken away or this worker stops. */
  async #walk(walk: Walk, onStep?: (walk: Walk) => void): Promise<void> {
    await this.#parts.plan.refresh();
    await this.#settle();
    // Not before everything has settled: a batch would pass rows that are still to come.
    if (this.#pauses.stopped) return;
    for (let at = walk; ;) {
      const startMs = performance.now();
      const step = await this.#batch(at);
      onStep?.(step.walk);
      if (step.kind !== 'goes on') break;
      if (this.#pauses.stopped) return;
      at = step.walk;
      await this.#pauses.pause((performance.now() - startMs) * this.#options.pauseRatio);
    }
    await this.#options.onFinished();
  }

  async #batch(walk: Walk): Promise<Step> {
    try {
      return await walkBatch(this.#parts, this.#name, walk);
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      await this.#parts.plan.refresh();
      return { kind: 'goes on', walk };
    }
  }

  /**
   * Waits until every write has ended that may have begun before the store's plan had its revision: a row of an old plan
   * could otherwise be stored behind the walk. What begins later names the revision, or is refused.
   */
  async #settle(): Promise<void> {
    const { database, schema, walks } = this.#parts;
    const clock = await database.read({ name: 'clock', text: 'SELECT clock_timestamp() AS now', values: [] });
    const now = clock.rows[0]!.now as Date;
    while ((await historyHorizon(database, schema)) <= now && !this.#pauses.stopped) {
      await this.#pauses.pause(HORIZON_POLL_MS);
      await walks.keep(this.#name);
    }
  }
}

const describeCause = (error: unknown) => {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? ` (${cause.name})` : '';
};
