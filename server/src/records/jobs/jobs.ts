import { randomUUID } from 'node:crypto';
import { FhirError, errorIssue, fhirError } from '../../fhir/outcome.ts';
import type { Job } from '../../store/jobs/job.ts';
import type { JobTable } from '../../store/jobs/jobTable.ts';
import type { Caller } from '../caller.ts';
import type { Trails } from '../trail/trails.ts';
import { JOB_TIMES, type CallerOf, type JobFailure, type JobRequest, type JobTimes } from './jobRun.ts';
import { JOB_KEPT_MS, JobWorker } from './jobWorker.ts';
import type { JobKind, JobResult } from './kind.ts';

/** Jobs of one caller that may wait at once. */
export const JOBS_WAITING_MAX = 20;
/** When one who has too many may try again. */
const TOO_MANY_RETRY_AFTER_S = 30;
/** Lines of a file that are read in one go. */
const LINES_AT_ONCE = 200;

/** How a job is. */
export type JobStatus =
  { state: 'running'; progress: string } | { state: 'done'; result: JobResult; expires: Date };

export interface JobsOptions {
  /** Told of errors that are defects; must not log content. */
  onDefect(error: unknown, job: { id: string; kind: string }): void;
  times?: JobTimes;
  /** Records what jobs write. Absent: they are not recorded. */
  trails?: Trails;
  /** Who somebody is at this moment, by what the token said that began a job. Absent: only callers without limits begin jobs. */
  callerOf?: CallerOf;
}

/**
 * Work that goes on after its request was answered (http://hl7.org/fhir/R4/async.html): durable, carried out by one server at a time,
 * and taken up where it stood when that server dies. A job is visible to whoever began it, and to nobody else.
 */
export class Jobs {
  readonly #table: JobTable;
  readonly #worker: JobWorker;
  readonly #knowsCallers: boolean;

  /** @param kinds every sort of job that this server carries out */
  constructor(
    table: JobTable,
    kinds: readonly JobKind[],
    { onDefect, times = JOB_TIMES, trails, callerOf }: JobsOptions,
  ) {
    this.#table = table;
    this.#worker = new JobWorker({ table, kinds, onDefect, times, trails, callerOf });
    this.#knowsCallers = callerOf !== undefined;
  }

  /** Carries out what was begun, here or by a server that died, until {@link stop}. */
  start(): void {
    this.#worker.start();
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  /**
   * Notes a job that is to be done.
   *
   * @param request JSON that the kind understands
   * @returns its id
   * @throws FhirError `throttled` when the caller has too many that wait, `forbidden` on behalf of another
   */
  async begin(caller: Caller, kind: string, request: unknown): Promise<string> {
    const { trail, access, ...who } = caller;
    const isLimited = access !== 'unrestricted';
    if (caller.agent.onBehalfOf !== undefined || (isLimited && !(this.#knowsCallers && caller.token)))
      throw notForAnother();
    const id = randomUUID();
    // What somebody with limits may do is asked for anew when it is done, and not stored.
    const whoever = isLimited ? who : { ...who, access };
    const stored: JobRequest = { caller: whoever, work: request, ...(trail && { origin: trail.origin }) };
    const isAdded = await this.#table.add({ id, kind, owner: caller.id, request: stored }, JOBS_WAITING_MAX);
    if (!isAdded) throw tooMany();
    this.#worker.wake();
    return id;
  }

  /** How the job is. @throws FhirError `not-found`, and why the job failed */
  async status(caller: Caller, id: string): Promise<JobStatus> {
    const { state, progress, result, finished } = await this.#find(caller, id);
    if (finished === undefined) {
      const words = state === 'waiting' ? 'waiting' : (progress ?? 'begun');
      return { state: 'running', progress: words };
    }
    if (state === 'failed') {
      const { category, issues } = result as JobFailure;
      throw new FhirError(category, issues);
    }
    return { state: 'done', result: result as JobResult, expires: expiryOf(finished) };
  }

  /** Ends a job and forgets all about it; what it has done stays done. @throws FhirError `not-found` */
  async cancel(caller: Caller, id: string): Promise<void> {
    if (!(await this.#table.remove(id, caller.id))) throw unknownJob();
    this.#worker.drop(id);
  }

  /** The lines of a file that the job made, each without its end. @throws FhirError `not-found` */
  async lines(caller: Caller, id: string, file: string): Promise<AsyncIterable<string>> {
    await this.#find(caller, id);
    const first = await this.#table.lines(id, file, -1, LINES_AT_ONCE);
    if (first.length === 0) throw unknownJob();
    const table = this.#table;
    return (async function* () {
      for (let some = first; some.length > 0;) {
        yield* some.map(({ line }) => line);
        some = await table.lines(id, file, some.at(-1)!.number, LINES_AT_ONCE);
      }
    })();
  }

  async #find(caller: Caller, id: string): Promise<Job> {
    const job = await this.#table.find(id, caller.id);
    const isOver = job?.finished !== undefined && expiryOf(job.finished).getTime() <= Date.now();
    if (job === undefined || isOver) throw unknownJob();
    return job;
  }
}

const expiryOf = (finished: Date) => new Date(finished.getTime() + JOB_KEPT_MS);

/** Also of another caller's: that it exists is nobody else's business. */
const unknownJob = () =>
  fhirError(
    'not-found',
    'not-found',
    `There is no such job or file. Results are kept for ${JOB_KEPT_MS / 3_600_000} hours, and cancelled jobs not at all.`,
  );

const notForAnother = () =>
  fhirError(
    'forbidden',
    'forbidden',
    'Work that goes on after its request is done for whoever sends it: send it by a token of your own, and not on behalf of another.',
  );

const tooMany = () =>
  new FhirError(
    'throttled',
    [
      errorIssue(
        'throttled',
        `${JOBS_WAITING_MAX} of your jobs wait already, and nothing was done: begin another when one of them has ended, or cancel some.`,
      ),
    ],
    TOO_MANY_RETRY_AFTER_S,
  );
