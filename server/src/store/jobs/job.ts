/** Work that goes on after its request was answered: a row of the table `job`. */
export interface Job {
  id: string;
  /** What sort of work it is. */
  kind: string;
  owner: string;
  /** What is to be done: enough to go on with after a restart. */
  request: unknown;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** How often it was taken; the number of the last time is the right to write to it. */
  fence: number;
  /** How often it was taken since it last came on. */
  attempts: number;
  /** Where it stands, as its kind understands it; absent until it has come on. */
  checkpoint?: unknown;
  /** How far it is, in words. */
  progress?: string;
  /** Once it has ended. */
  result?: unknown;
  created: Date;
  finished?: Date;
}

/** A line of one of the files that a job makes. */
export interface JobLine {
  file: string;
  /** Its place in the file: no two lines have the same. */
  number: number;
  line: string;
}

/** As the table has it. */
export interface JobRow {
  id: string;
  kind: string;
  owner: string;
  request: string;
  state: Job['state'];
  fence: number;
  attempts: number;
  checkpoint: string | null;
  progress: string | null;
  result: string | null;
  created: Date;
  finished: Date | null;
}

export function jobOf(row: JobRow): Job {
  const { id, kind, owner, state, fence, attempts, created } = row;
  return {
    ...{ id, kind, owner, state, fence, attempts, created },
    request: JSON.parse(row.request) as unknown,
    ...(row.checkpoint === null ? {} : { checkpoint: JSON.parse(row.checkpoint) as unknown }),
    ...(row.progress === null ? {} : { progress: row.progress }),
    ...(row.result === null ? {} : { result: JSON.parse(row.result) as unknown }),
    ...(row.finished === null ? {} : { finished: row.finished }),
  };
}
