import { once, type Migration } from './migration.ts';

/** What reaches whoever asked for it: how far `changes` has been looked through, events by number, what waits to be delivered (decision 0043). */
export const events: Migration = {
  number: 11,
  name: 'events',
  async run(tx, schema) {
    // The order in which changes are taken: of the transactions, and within one that of its rows.
    await tx.query(once(`CREATE INDEX changes_order ON ${schema}.changes (xid, seq)`));
    // One row: the last change that was looked at, and whose turn it is. Each holder has a greater fence than the one before.
    await tx.query(
      once(`CREATE TABLE ${schema}.event_relay (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        xid xid8 NOT NULL,
        seq bigint NOT NULL,
        fence bigint NOT NULL DEFAULT 0,
        held_until timestamptz NOT NULL DEFAULT '-infinity')`),
    );
    await tx.query(
      once(`INSERT INTO ${schema}.event_relay (xid, seq) VALUES (pg_current_xact_id(), 9223372036854775807)`),
    );
    // version: of the Subscription, by which events are matched. last_event: the number given last. due: when something is to be done
    // for it; absent: nothing is; not_before: it rests until then, after a failure. wakes: counts what has become to be done. fence, held_until: who is at it. failures: attempts in a row that failed.
    await tx.query(
      once(`CREATE TABLE ${schema}.event_subscription (
        id text COLLATE "C" PRIMARY KEY,
        version integer NOT NULL,
        last_event bigint NOT NULL DEFAULT 0,
        wakes bigint NOT NULL DEFAULT 0,
        due timestamptz,
        not_before timestamptz NOT NULL DEFAULT '-infinity',
        fence bigint NOT NULL DEFAULT 0,
        held_until timestamptz NOT NULL DEFAULT '-infinity',
        failures integer NOT NULL DEFAULT 0) WITH (fillfactor = 70)`),
    );
    await tx.query(
      once(`CREATE INDEX event_subscription_due ON ${schema}.event_subscription (due) WHERE due IS NOT NULL`),
    );
    // state: W(aiting), D(elivered), X (given up), H (held back: the subscriber may not see it).
    await tx.query(
      once(`CREATE TABLE ${schema}.event_delivery (
        subscription text COLLATE "C" NOT NULL REFERENCES ${schema}.event_subscription ON DELETE CASCADE,
        number bigint NOT NULL,
        type text COLLATE "C" NOT NULL,
        id text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        method "char" NOT NULL,
        occurred timestamptz NOT NULL,
        state "char" NOT NULL DEFAULT 'W',
        attempts integer NOT NULL DEFAULT 0,
        fault text,
        finished timestamptz,
        PRIMARY KEY (subscription, number))`),
    );
    await tx.query(
      once(
        `CREATE INDEX event_delivery_waiting ON ${schema}.event_delivery (subscription, number) WHERE state = 'W'`,
      ),
    );
    await tx.query(
      once(
        `CREATE INDEX event_delivery_dead ON ${schema}.event_delivery (subscription, number) WHERE state = 'X'`,
      ),
    );
    await tx.query(once(`CREATE INDEX event_delivery_occurred ON ${schema}.event_delivery (occurred)`));
  },
};
