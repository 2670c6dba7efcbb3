import { once, type Migration } from './migration.ts';

/** What the servers of a store have left of their rate limits together (decision 0042). */
export const rateLimits: Migration = {
  number: 14,
  name: 'rate limits',
  async run(tx, schema) {
    // key: SHA-256 of whose limit it is, its first half. Not logged: it changes with each second, and a crash may make limits whole.
    await tx.query(
      once(`CREATE UNLOGGED TABLE ${schema}.rate_limit (
        key bytea PRIMARY KEY,
        per_minute float8 NOT NULL,
        level float8 NOT NULL,
        updated timestamptz NOT NULL DEFAULT clock_timestamp())`),
    );
  },
};
