import type { Statement } from '../../postgres/database.ts';
import type { Key } from '../../index/rows.ts';
import { int8Array, textArray } from '../../resource/binaryArray.ts';
import { tableNames } from '../../schema/names.ts';
import { SqlParameters } from '../sqlParameters.ts';

/** What is looked for among the resources of one type: those of any of the lists. */
export interface Lookup {
  ids: { self: Key; id: string }[];
  /** Of keys in the index. */
  keys: Key[];
  /** Of patients, by the patient column. */
  patients: Key[];
  /** Resources that are there already, by their own keys: left out. */
  without: Key[];
}

/** Most resources, and most bytes of content, that a statement may bring. */
export interface Room {
  resources: number;
  bytes: number;
}

/** One row of {@link lookupStatement}, in no order. */
export interface LookupRow {
  /** Which of the look-ups found it. */
  n: number;
  /** Row id. */
  rid: string;
  id: string;
  version: number;
  last_updated: Date;
  method: 'C' | 'U' | 'D';
  content: string | null;
  /** How many were found, those that there is no room for among them. */
  found: string;
}

/**
 * What else must hold for a resource that is to be brought: a condition in SQL on the main row `m`, its values as
 * parameters. Undefined: nothing else.
 */
export type Restriction = (type: string, parameters: SqlParameters) => string | undefined;

const COLUMNS = 'm.rid, m.id, m.version, m.last_updated, m.method, m.content';

/**
 * The statement that answers look-ups in several types at once. In the order of the look-ups, and in each by row id,
 * it brings as many as there is room for, at least one; one more is found where there are more. The order is made
 * without the contents: sorting them costs more than reading their rows again.
 */
export function lookupStatement(
  schema: string,
  lookups: readonly (Lookup & { type: string })[],
  room: Room,
  restriction?: Restriction,
): Statement {
  const parameters = new SqlParameters();
  const limit = parameters.add(room.resources + 1);
  const tables = lookups.map(({ type }) => tableNames(schema, type).resource);
  const found = lookups.map((lookup, n) => {
    const further = restriction?.(lookup.type, parameters);
    const condition = conditionSql(lookup, parameters) + (further === undefined ? '' : ` AND (${further})`);
    return `(SELECT ${n} AS n, m.rid, octet_length(m.content) AS size FROM ${tables[n]} m WHERE ${condition} ORDER BY m.rid LIMIT ${limit})`;
  });
  const brought = tables.map(
    (table, n) => `SELECT ${n} AS n, ${COLUMNS}, (SELECT count(*) FROM found) AS found FROM ${table} m
WHERE m.rid = ANY (ARRAY (SELECT rid FROM placed WHERE n = ${n} AND fits))`,
  );
  const text = `WITH found AS MATERIALIZED (
  SELECT * FROM (${found.join('\nUNION ALL ')}) f ORDER BY n, rid LIMIT ${limit}),
placed AS MATERIALIZED (
  SELECT n, rid, place = 1 OR place <= ${parameters.add(room.resources)} AND bytes <= ${parameters.add(room.bytes)} AS fits
  FROM (SELECT n, rid, sum(size) OVER w AS bytes, row_number() OVER w AS place FROM found
        WINDOW w AS (ORDER BY n, rid ROWS UNBOUNDED PRECEDING)) w)
${brought.join('\nUNION ALL ')}`;
  return { name: '', text, values: parameters.values };
}

function conditionSql({ ids, keys, patients, without }: Lookup, parameters: SqlParameters): string {
  const list = (values: readonly Key[]) => `${parameters.add(int8Array(values))}::bigint[]`;
  const any: string[] = [];
  if (ids.length > 0) {
    const texts = parameters.add(textArray(ids.map(({ id }) => id)));
    any.push(`m.self = ANY (${list(ids.map(({ self }) => self))}) AND m.id = ANY (${texts}::text[])`);
  }
  if (keys.length > 0) any.push(`m.keys && ${list(keys)}`);
  if (patients.length > 0) any.push(`m.pat = ANY (${list(patients)})`);
  const conditions = ["m.method <> 'D'", `(${any.join(' OR ')})`];
  if (without.length > 0) conditions.push(`m.self <> ALL (${list(without)})`);
  return conditions.join(' AND ');
}
