import type { Database } from '../../postgres/database.ts';
import { tableNames } from '../../schema/names.ts';
import { orWhenNoTable } from '../../schema/resourceTypes.ts';

/** Patients whose records are read together. */
export const PATIENTS_PER_GROUP = 50;

/** Row ids between which patients lie: after `from`, up to and with `to`. */
export interface PatientBounds {
  from: string;
  to: string;
}

/** Some patients, by row id; deleted ones are passed over. */
export interface PatientGroup {
  ids: string[];
  bounds: PatientBounds;
  /** There are others behind them. */
  hasMore: boolean;
}

/** The patients within bounds, or the next ones after a row id. */
export async function patientGroup(
  database: Database,
  schema: string,
  { from, to }: { from: string; to?: string },
): Promise<PatientGroup> {
  const text = `SELECT rid, id FROM ${tableNames(schema, 'Patient').resource} WHERE rid > $1 AND method <> 'D'
ORDER BY rid LIMIT $2`;
  const statement = { name: '', text, values: [from, PATIENTS_PER_GROUP + 1] };
  const found = database.search(statement).then((result) => result.rows as { rid: string; id: string }[]);
  const rows = await orWhenNoTable(found, []);
  const group =
    to === undefined
      ? rows.slice(0, PATIENTS_PER_GROUP)
      : rows.filter(({ rid }) => Number(rid) <= Number(to));
  return {
    ids: group.map(({ id }) => id),
    bounds: { from, to: to ?? group.at(-1)?.rid ?? from },
    hasMore: rows.length > group.length,
  };
}
