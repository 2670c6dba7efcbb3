import type { JobLine } from '../../store/jobs/job.ts';
import type { Caller } from '../caller.ts';

export type { JobLine } from '../../store/jobs/job.ts';

/** A sort of work that may go on after its request was answered. main.ts tells the jobs which there are. */
export interface JobKind {
  /** Stored with each job: it never changes. */
  name: string;
  /**
   * Does the work, from its checkpoint on.
   *
   * @throws FhirError why the job as a whole failed; `busy`: it goes on later from its checkpoint, as it does after whatever is
   * thrown once the signal is aborted. Anything else is a defect.
   */
  run(context: JobContext): Promise<JobResult>;
}

/** What is answered when the job is done. */
export interface JobResult {
  contentType: string;
  body: string;
}

/** A job in the hands of its kind. */
export interface JobContext {
  readonly id: string;
  /** Whoever began it, as he or she is at this moment: to be asked for each piece of work. */
  caller(): Promise<Caller>;
  /** What was asked for, as it was given to {@link Jobs.begin}. */
  readonly request: unknown;
  readonly created: Date;
  /** What was last saved; undefined at the beginning. */
  readonly checkpoint: unknown;
  /** Whether another run came before, which may have done more than the checkpoint tells. */
  readonly isResumed: boolean;
  /** Aborted when the job is cancelled or taken away, or the server stops: the run saves what it can and ends soon, by throwing. */
  readonly signal: AbortSignal;
  /** Says how the progress is to be told, at any time from now on: in fewer than 100 characters, without anything of a record. */
  tell(progress: () => string): void;
  /**
   * Makes what was done so far durable, with lines for the files of the result.
   *
   * @throws JobTakenError when the job is no longer this run's
   */
  save(checkpoint: unknown, lines?: readonly JobLine[]): Promise<void>;
}

/** The job was cancelled, or another server took it: whoever is at it still must stop, and can note nothing. */
export class JobTakenError extends Error {
  constructor() {
    super('the job is no longer in these hands');
    this.name = 'JobTakenError';
  }
}
