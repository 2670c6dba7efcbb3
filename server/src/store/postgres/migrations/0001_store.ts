import { randomBytes } from 'node:crypto';
import { once, type Migration } from './migration.ts';

const HASH_SECRET_BYTES = 16;

/** What a store has besides the tables of its resource types, which are made at a type's first use. */
export const store: Migration = {
  number: 1,
  name: 'store',
  async run(tx, schema) {
    // The secret of the index keys' hash belongs to the data: whoever starts first makes it, and a backup holds it.
    await tx.query(once(`CREATE TABLE ${schema}.setting (name text PRIMARY KEY, value text NOT NULL)`));
    await tx.query(
      once(`INSERT INTO ${schema}.setting (name, value) VALUES ('hash-secret', $1)`, [
        randomBytes(HASH_SECRET_BYTES).toString('hex'),
      ]),
    );
    // Each value gives its taker the row ids from it to it + 999.
    await tx.query(once(`CREATE SEQUENCE ${schema}.row_id AS bigint INCREMENT BY 1000 START WITH 1000`));
    await tx.query(once(`CREATE TABLE ${schema}.resource_type (name text COLLATE "C" PRIMARY KEY)`));
    // History of types and of the system, and the outbox: xid tells readers which rows are certain to have no predecessor to come.
    await tx.query(
      once(`CREATE TABLE ${schema}.changes (
        seq bigint GENERATED ALWAYS AS IDENTITY,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        last_updated timestamptz NOT NULL,
        type text COLLATE "C" NOT NULL,
        rid bigint NOT NULL,
        version integer NOT NULL,
        method "char" NOT NULL)`),
    );
    await tx.query(once(`CREATE INDEX changes_time ON ${schema}.changes (last_updated, seq)`));
    await tx.query(once(`CREATE INDEX changes_type_time ON ${schema}.changes (type, last_updated, seq)`));
  },
};
