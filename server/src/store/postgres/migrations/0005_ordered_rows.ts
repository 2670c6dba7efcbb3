import { once, type Migration } from './migration.ts';

/** The main quantity beside the codes of the ordered tables. */
export const orderedRows: Migration = {
  number: 5,
  name: 'ordered-rows',
  breaking:
    'servers of an earlier release do not write the rows that searches for a code of a patient go by: stop them first, then run POST $reindex or npx maxray reindex',
  async run(tx, schema) {
    const { rows } = await tx.query(
      once(`SELECT lower(name) AS name FROM ${schema}.resource_type ORDER BY name`),
    );
    for (const { name } of rows as { name: string }[]) {
      const table = `${schema}."${name}_ordered"`;
      // NaN: a search looks at the resource itself.
      await tx.query(
        once(
          `ALTER TABLE ${table} ADD COLUMN quantity real NOT NULL DEFAULT 'NaN', ADD COLUMN base_quantity real NOT NULL DEFAULT 'NaN'`,
        ),
      );
      await tx.query(
        once(`ALTER TABLE ${table} ALTER quantity DROP DEFAULT, ALTER base_quantity DROP DEFAULT`),
      );
      await tx.query(once(`DROP INDEX ${schema}."${name}_ordered_key"`));
      await tx.query(
        once(
          `CREATE INDEX "${name}_ordered_key" ON ${table} (key, date DESC, rid) INCLUDE (quantity, base_quantity)`,
        ),
      );
    }
  },
};
