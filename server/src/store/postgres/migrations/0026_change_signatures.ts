import { once, type Migration } from './migration.ts';

/**
 * Bits of the keys that a version is found by, beside the change that made it (decision 0069). NULL: not known, as of all that was written before. A server of an earlier release
 * that walks for `$reindex` would leave signatures as they were: it does not find the column that each of its steps names, and those of this release go on with its walk.
 */
export const changeSignatures: Migration = {
  number: 26,
  name: 'change-signatures',
  async run(tx, schema) {
    await tx.query(once(`ALTER TABLE ${schema}.changes ADD COLUMN keys_a bigint, ADD COLUMN keys_b bigint`));
    await tx.query(once(`ALTER TABLE ${schema}.reindex RENAME COLUMN alive TO seen`));
  },
};
