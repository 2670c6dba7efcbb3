import { once, type Migration } from './migration.ts';

/** Which blob holds the bytes of a Binary version that was uploaded raw. */
export const binary: Migration = {
  number: 2,
  name: 'binary',
  async run(tx, schema) {
    await tx.query(
      once(`CREATE TABLE ${schema}.binary_blob (
        id text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        key text COLLATE "C" NOT NULL,
        bytes bigint NOT NULL,
        sha256 text NOT NULL,
        PRIMARY KEY (id, version))`),
    );
  },
};
