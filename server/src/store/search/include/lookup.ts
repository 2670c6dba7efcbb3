import type { Statement } from '../../postgres/database.ts';
import type { Key } from '../../index/rows.ts';
import { pageSql } from '../../pageBytes.ts';
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

/** Columns of {@link lookupStatement}'s rows; `content` is null, and `fits` false, where there is no room for it. */
export interface LookupRow {
  n: number;
  id: string;
  version: number;
  last_updated: Date;
  method: 'C' | 'U' | 'D';
  content: string | null;
  fits: boolean;
}

/**
 * What else must hold for a resource that is to be brought: a condition in SQL on the main row `m`, its values as
 * parameters. Undefined: nothing else.
 */
export type Restriction = (type: string, parameters: SqlParameters) => string | undefined;

const COLUMNS = 'id, version, last_updated, method';

/**
 * The statement that answers look-ups in several types at once, in the order of the look-ups and in each by row id;
 * one resource more than there is room for tells that there are more.
 */
export function lookupStatement(
  schema: string,
  lookups: readonly (Lookup & { type: string })[],
  room: Room,
  restriction?: Restriction,
): Statement {
  const parameters = new SqlParameters();
  const limit = parameters.add(room.resources + 1);
  const branches = lookups.map((lookup, n) => {
    const condition = conditionSql(lookup, parameters);
    const further = restriction?.(lookup.type, parameters);
    return `(SELECT ${n} AS n, m.rid, ${COLUMNS.replaceAll(/\w+/g, 'm.$&')}, m.content
FROM ${tableNames(schema, lookup.type).resource} m
WHERE ${condition}${further === undefined ? '' : ` AND (${further})`} ORDER BY m.rid LIMIT ${limit})`;
  });
  const found =
    branches.length === 1 ? branches[0]! : `${branches.join(' UNION ALL ')} ORDER BY n, rid LIMIT ${limit}`;
  const text = pageSql(found, `n, ${COLUMNS}`, 'n, rid', parameters.add(room.bytes));
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
