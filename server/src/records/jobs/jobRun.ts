import { FhirError, errorIssue, isBusy, type ErrorCategory, type Issue } from '../../fhir/outcome.ts';
import type { Job, JobLine } from '../../store/jobs/job.ts';
import type { JobTable } from '../../store/jobs/jobTable.ts';
import { Pauses } from '../../background/pauses.ts';
import { NO_ACCESS } from '../../access/noAccess.ts';
import type { Identified } from '../../identity/ports.ts';
import type { Caller } from '../caller.ts';
import type { Origin } from '../trail/trail.ts';
import type { Trails } from '../trail/trails.ts';
import { JobTakenError, type JobContext, type JobKind } from './kind.ts';

/** How often a job that ends its process, or loses its server, is taken up again without having come on. */
export const JOB_ATTEMPTS_MAX = 5;

export interface JobTimes {
  /** How often a run gives a sign of life. */
  keepMs: number;
  /** Without a sign for so long it ends by itself, before another may take its job. */
  overdueMs: number;
  /** Without a sign for so long another may. */
  lostMs: number;
}

export const JOB_TIMES: JobTimes = { keepMs: 1_000, overdueMs: 4_000, lostMs: 5_000 };

/** What is stored as a job's request. */
export interface JobRequest {
  /** Without `access`: somebody with limits. */
  caller: Omit<Caller, 'trail' | 'access'> & { access?: 'unrestricted' };
  /** Of the request that began it; absent: what it writes is not recorded. */
  origin?: Origin;
  work: unknown;
}

/** Who somebody is at this moment. @param token the same object for the same job: callers are remembered by it */
export type CallerOf = (token: Identified) => Promise<Caller>;

/** What is stored as the result of a job that failed. */
export interface JobFailure {
  category: ErrorCategory;
  issues: Issue[];
}

export interface JobRunParts {
  table: JobTable;
  /** Records what jobs write. Absent: they are not recorded. */
  trails?: Trails | undefined;
  times: JobTimes;
  callerOf?: CallerOf | undefined;
  /** Told of errors that are defects; must not log content. */
  onDefect(error: unknown, job: { id: string; kind: string }): void;
}

/** One job in the hands of this process, from the moment that it took it until it is done with it. */
export class JobRun {
  readonly #parts: JobRunParts;
  readonly #kind: JobKind;
  readonly #job: Job;
  readonly #leave = new AbortController();
  readonly #pauses = new Pauses();
  #tell: () => string;
  #checkpoint: unknown;

  constructor(parts: JobRunParts, kind: JobKind, job: Job) {
    this.#parts = parts;
    this.#kind = kind;
    this.#job = job;
    this.#tell = () => job.progress ?? 'begun';
    this.#checkpoint = job.checkpoint;
  }

  get id(): string {
    return this.#job.id;
  }

  /** Has the run save what it can, and end. */
  leave(): void {
    this.#leave.abort();
  }

  /** Never rejects. @returns false when it had to be left for a while, because something is not to be had */
  async run(): Promise<boolean> {
    const keeping = this.#keep();
    const outcome = await this.#work().catch((error: unknown) => this.#fault(error));
    this.#pauses.stop();
    await keeping;
    return outcome;
  }

  async #work(): Promise<boolean> {
    const { table } = this.#parts;
    if (this.#job.attempts > JOB_ATTEMPTS_MAX) throw givenUp();
    const result = await this.#kind.run(this.#context());
    await table.finish(this.#job, 'done', result); // in vain when it was cancelled: then nobody asks for it
    return true;
  }

  async #fault(error: unknown): Promise<boolean> {
    const { table, onDefect } = this.#parts;
    try {
      if (error instanceof JobTakenError) return true;
      if (this.#leave.signal.aborted || isBusy(error)) {
        await table.release(this.#job);
        return this.#leave.signal.aborted;
      }
      if (!(error instanceof FhirError)) onDefect(error, this.#job);
      await table.finish(this.#job, 'failed', failureOf(error));
      return true;
    } catch (second) {
      // The job is found again when its time has run out.
      if (!isBusy(second)) onDefect(second, this.#job);
      return false;
    }
  }

  /** Gives signs of life. When none arrives in time, the run ends: another server may be about to take the job. */
  async #keep(): Promise<void> {
    const { table, times, onDefect } = this.#parts;
    const overdue = setTimeout(() => this.leave(), times.overdueMs);
    while (!this.#pauses.stopped) {
      await this.#pauses.pause(times.keepMs);
      if (this.#pauses.stopped) break;
      try {
        if (await table.keep(this.#job, this.#tell())) overdue.refresh();
        else this.leave();
      } catch (error) {
        if (!isBusy(error)) onDefect(error, this.#job);
      }
    }
    clearTimeout(overdue);
  }

  #context(): JobContext {
    const { id, created, fence } = this.#job;
    const { origin, work } = this.#job.request as JobRequest;
    const trail = origin && this.#parts.trails?.begin(origin, { event: 'operation' });
    const callerNow = this.#callers();
    return {
      id,
      caller: async () => (trail ? { ...(await callerNow()), trail } : callerNow()),
      request: work,
      created,
      checkpoint: this.#checkpoint,
      isResumed: fence > 1,
      signal: this.#leave.signal,
      tell: (progress) => void (this.#tell = progress),
      save: (checkpoint, lines = []) => this.#save(checkpoint, lines),
    };
  }

  /** Whoever began it, with what he or she may do by now. */
  #callers(): () => Promise<Caller> {
    const { callerOf } = this.#parts;
    const { caller } = this.#job.request as JobRequest;
    const { token } = caller;
    const asStored: Caller = { ...caller, access: caller.access ?? NO_ACCESS };
    if (!callerOf || !token) return () => Promise.resolve(asStored);
    const identified: Identified = { ...token, expiresAtMs: Infinity };
    return () => callerOf(identified);
  }

  async #save(checkpoint: unknown, lines: readonly JobLine[]): Promise<void> {
    const step = { checkpoint, progress: this.#tell(), lines };
    if (!(await this.#parts.table.save(this.#job, step))) throw new JobTakenError();
  }
}

function failureOf(error: unknown): JobFailure {
  if (error instanceof FhirError) return { category: error.category, issues: error.issues };
  const text = 'The server failed on this job; the fault is in its log under the id of the job.';
  return { category: 'fault', issues: [errorIssue('exception', text)] };
}

const givenUp = () =>
  new FhirError('fault', [
    errorIssue(
      'exception',
      `The job was begun ${JOB_ATTEMPTS_MAX} times, and its server ended each time before it came on: it is given up. See the logs of the servers, and begin it anew.`,
    ),
  ]);
