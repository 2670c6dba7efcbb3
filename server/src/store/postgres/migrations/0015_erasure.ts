import { once, type Migration } from './migration.ts';

/** What is left of patients who were erased: certificates, and files that are still to be removed (decision 0039). */
export const erasure: Migration = {
  number: 15,
  name: 'erasure',
  async run(tx, schema) {
    // subject: keyed hash of `Patient/id`. certificate: id of the DocumentReference.
    await tx.query(
      once(`CREATE TABLE ${schema}.erasure (
        certificate text COLLATE "C" PRIMARY KEY,
        subject bigint NOT NULL,
        recorded timestamptz NOT NULL DEFAULT clock_timestamp())`),
    );
    // Blobs that nothing refers to any more: they are removed after the transaction that erased what did.
    await tx.query(once(`CREATE TABLE ${schema}.erased_blob (key text COLLATE "C" PRIMARY KEY)`));
  },
};
