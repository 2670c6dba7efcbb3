import { once, type Migration } from './migration.ts';

/** The other stores of an installation, in its main store; those have the table, too, and leave it empty. */
export const tenants: Migration = {
  number: 13,
  name: 'tenants',
  async run(tx, schema) {
    await tx.query(
      once(`CREATE TABLE ${schema}.tenant (
        name text COLLATE "C" PRIMARY KEY,
        schema text COLLATE "C" NOT NULL UNIQUE,
        state text NOT NULL CHECK (state IN ('making', 'ready', 'removing')),
        made timestamptz NOT NULL DEFAULT now())`),
    );
  },
};
