import { once, type Migration } from './migration.ts';

/** What is to be done again and again. */
export const schedules: Migration = {
  number: 19,
  name: 'schedules',
  run: async (tx, schema) => {
    // due: the time that it is done for next, which is the key of that. not_before: it rests until then, after a failure. fence, held_until: who is at it. failures: attempts in a row that failed.
    await tx.query(
      once(`CREATE TABLE ${schema}.due_schedule (
        name text COLLATE "C" PRIMARY KEY,
        cron text NOT NULL,
        time_zone text NOT NULL,
        due timestamptz NOT NULL,
        not_before timestamptz NOT NULL DEFAULT '-infinity',
        fence bigint NOT NULL DEFAULT 0,
        held_until timestamptz NOT NULL DEFAULT '-infinity',
        failures integer NOT NULL DEFAULT 0)`),
    );
  },
};
