import { once, type Migration } from './migration.ts';

/** Studies of patients who were erased, whose images the archive may still have (decision 0058). A row goes when they are gone. */
export const erasedStudies: Migration = {
  number: 22,
  name: 'erased-studies',
  async run(tx, schema) {
    // certificate: of the erasure, as in the table erasure. fault: why the last attempt failed.
    await tx.query(
      once(`CREATE TABLE ${schema}.erased_study (
        study_instance_uid text COLLATE "C" PRIMARY KEY,
        certificate text COLLATE "C" NOT NULL,
        next_attempt timestamptz NOT NULL DEFAULT clock_timestamp(),
        attempts integer NOT NULL DEFAULT 0,
        fault text)`),
    );
    await tx.query(once(`CREATE INDEX ON ${schema}.erased_study (next_attempt)`));
  },
};
