import { once, type Migration } from './migration.ts';

/** Work that goes on after its request was answered. */
export const jobs: Migration = {
  number: 4,
  name: 'jobs',
  async run(tx, schema) {
    // fence counts up with each process that takes the job: only the last one may write to its row. attempts: those since it last came on.
    await tx.query(
      once(`CREATE TABLE ${schema}.job (
        id text COLLATE "C" PRIMARY KEY,
        kind text NOT NULL,
        owner text NOT NULL,
        request text NOT NULL,
        state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
        fence integer NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        alive timestamptz,
        checkpoint text,
        progress text,
        result text,
        created timestamptz NOT NULL DEFAULT clock_timestamp(),
        finished timestamptz)`),
    );
    // What a job makes besides its result, in files of lines.
    await tx.query(
      once(`CREATE TABLE ${schema}.job_line (
        job text COLLATE "C" NOT NULL REFERENCES ${schema}.job ON DELETE CASCADE,
        file text COLLATE "C" NOT NULL,
        number bigint NOT NULL,
        line text NOT NULL,
        PRIMARY KEY (job, file, number))`),
    );
  },
};
