import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy } from '../../fhir/outcome.ts';
import { Pauses } from '../../background/pauses.ts';
import { JobRun, type JobRunParts } from './jobRun.ts';
import type { JobKind } from './kind.ts';

/** Jobs that one server works on at once. */
export const JOBS_RUNNING_MAX = 2;
/** How long the result of a job is kept. */
export const JOB_KEPT_MS = 24 * 3600 * 1000;
/** How often a server with nothing to do looks whether others were asked, or died. */
const IDLE_MS = 1_000;
/** Before anything is tried again when something is not to be had. */
const FAULT_PAUSE_MS = 5_000;
const SWEEP_EVERY_MS = 60_000;
/** How long jobs may take to note where they stand when the server stops. */
const STOP_MS_MAX = 2_000;

export interface JobWorkerParts extends JobRunParts {
  kinds: readonly JobKind[];
}

/** Works on jobs in the background, a few at a time. Any number of servers may: each job is in the hands of one. */
export class JobWorker {
  readonly #parts: JobWorkerParts;
  readonly #kinds: ReadonlyMap<string, JobKind>;
  readonly #pauses = new Pauses();
  readonly #runs = new Map<JobRun, Promise<void>>();
  #looking: Promise<void> | undefined;
  #sweptMs = -Infinity;
  #restUntilMs = 0;

  constructor(parts: JobWorkerParts) {
    this.#parts = parts;
    this.#kinds = new Map(parts.kinds.map((kind) => [kind.name, kind]));
  }

  start(): void {
    this.#looking ??= this.#look();
  }

  /** Looks for jobs at once. */
  wake(): void {
    this.#pauses.wake();
  }

  /** Ends work on a job that is no longer there, if it is here. */
  drop(id: string): void {
    for (const run of this.#runs.keys()) if (run.id === id) run.leave();
  }

  /** Ends soon: jobs note where they stand, and go on elsewhere or at the next start. */
  async stop(): Promise<void> {
    this.#pauses.stop();
    for (const run of this.#runs.keys()) run.leave();
    const ended = Promise.all([this.#looking, ...this.#runs.values()]);
    await Promise.race([ended, sleep(STOP_MS_MAX, undefined, { ref: false })]);
  }

  async #look(): Promise<void> {
    while (!this.#pauses.stopped) {
      try {
        await this.#sweep();
        await this.#take();
      } catch (error) {
        // While the database is away, it says so itself.
        if (!isBusy(error)) this.#parts.onDefect(error, { id: 'none', kind: 'none' });
      }
      await this.#pauses.pause(IDLE_MS);
    }
  }

  async #take(): Promise<void> {
    const { table, times } = this.#parts;
    while (this.#runs.size < JOBS_RUNNING_MAX && performance.now() >= this.#restUntilMs) {
      const job = await table.claim([...this.#kinds.keys()], times.lostMs);
      if (job === undefined) return;
      if (this.#pauses.stopped) {
        await table.release(job);
        return;
      }
      const run = new JobRun(this.#parts, this.#kinds.get(job.kind)!, job);
      this.#runs.set(run, this.#carryOut(run));
    }
  }

  async #carryOut(run: JobRun): Promise<void> {
    if (!(await run.run())) this.#restUntilMs = performance.now() + FAULT_PAUSE_MS;
    this.#runs.delete(run);
    this.wake();
  }

  async #sweep(): Promise<void> {
    if (performance.now() - this.#sweptMs < SWEEP_EVERY_MS) return;
    await this.#parts.table.sweep(JOB_KEPT_MS);
    this.#sweptMs = performance.now();
  }
}
