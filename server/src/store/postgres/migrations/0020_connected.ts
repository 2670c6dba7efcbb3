import { once, type Migration } from './migration.ts';

/** When somebody was connected last who is told of a Subscription's events. */
export const connected: Migration = {
  number: 20,
  name: 'connected',
  async run(tx, schema) {
    await tx.query(
      once(
        `ALTER TABLE ${schema}.event_subscription ADD COLUMN connected timestamptz NOT NULL DEFAULT now()`,
      ),
    );
  },
};
