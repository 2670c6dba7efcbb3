import type { Statement } from '../../postgres/database.ts';
import type { Key } from '../../index/rows.ts';
import { int8Array, textArray } from '../../resource/binaryArray.ts';
import { tableNames } from '../../schema/names.ts';
import { SqlParameters } from '../sqlParameters.ts';
import { placedPageSql, type Room } from './placedPage.ts';

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

/**
 * What else must hold for a resource that is to be brought: a condition in SQL on the main row `m`, its values as
 * parameters. Undefined: nothing else.
 */
export type Restriction = (type: string, parameters: SqlParameters) => string | undefined;

/** Resources that {@link quickLookupStatement} brings at the most. */
export const QUICK_RESOURCES_MAX = 1_000;

/**
 * The statement that answers look-ups in several types at once where it is not too much: rows of `n`, `rid`, `id` and `content`, at most
 * QUICK_RESOURCES_MAX and one more, without contents that are too long for as many. Whoever gets more, or a row
 * without its content, asks {@link lookupStatement}.
 */
export function quickLookupStatement(
  schema: string,
  lookups: readonly (Lookup & { type: string })[],
  bytesMax: number,
  restriction?: Restriction,
): Statement {
  const parameters = new SqlParameters();
  const bytes = parameters.add(Math.floor(bytesMax / QUICK_RESOURCES_MAX));
  const content = `CASE WHEN octet_length(m.content) <= ${bytes} THEN m.content END AS content`;
  const found = lookups.map(({ type, ...lookup }, n) => {
    const table = tableNames(schema, type).resource;
    const condition = conditionSql(lookup, type, parameters, restriction);
    return `SELECT ${n} AS n, m.rid, m.id, ${content} FROM ${table} m WHERE ${condition}`;
  });
  const text = `${found.join('\nUNION ALL ')} LIMIT ${parameters.add(QUICK_RESOURCES_MAX + 1)}`;
  return { name: '', text, values: parameters.values };
}

/** The statement that answers look-ups in several types at once, whatever they bring: see {@link placedPageSql}. */
export function lookupStatement(
  schema: string,
  lookups: readonly (Lookup & { type: string })[],
  room: Room,
  restriction?: Restriction,
): Statement {
  const parameters = new SqlParameters();
  const limit = parameters.add(room.resources + 1);
  const branches = lookups.map((lookup) => {
    const table = tableNames(schema, lookup.type).resource;
    const condition = conditionSql(lookup, lookup.type, parameters, restriction);
    const found = `SELECT m.rid, octet_length(m.content) AS size FROM ${table} m WHERE ${condition} ORDER BY m.rid LIMIT ${limit}`;
    return { table, found };
  });
  return { name: '', text: placedPageSql(branches, room, parameters), values: parameters.values };
}

function conditionSql(
  lookup: Lookup,
  type: string,
  parameters: SqlParameters,
  restriction: Restriction | undefined,
): string {
  const further = restriction?.(type, parameters);
  return lookupSql(lookup, parameters) + (further === undefined ? '' : ` AND (${further})`);
}

function lookupSql({ ids, keys, patients, without }: Lookup, parameters: SqlParameters): string {
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
