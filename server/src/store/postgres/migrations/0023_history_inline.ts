import { once, type Migration } from './migration.ts';

/** Superseded versions of up to 8 kB stay in one row, as current ones do: each in two or three pieces with an index of their own made an update of a patient cost an eighth more. */
export const historyInline: Migration = {
  number: 23,
  name: 'history-inline',
  async run(tx, schema) {
    const { rows } = await tx.query(
      once(`SELECT lower(name) AS name FROM ${schema}.resource_type ORDER BY name`),
    );
    for (const { name } of rows as { name: string }[])
      await tx.query(once(`ALTER TABLE ${schema}."${name}_history" SET (toast_tuple_target = 8160)`));
  },
};
