import type { Statement } from '../../postgres/database.ts';
import { int8Array, textArray } from '../../resource/binaryArray.ts';
import { tableNames } from '../../schema/names.ts';
import { placedPageSql, type PageBranch, type Room } from '../include/placedPage.ts';
import { SqlParameters } from '../sqlParameters.ts';
import { careSql, type CarePeriod, type CompartmentRows, type Owners } from './compartmentRows.ts';

/** Place of a resource in the order: the owners, then types by name; in each by row id. */
export interface ScanPosition {
  /** Empty: the owners themselves. */
  type: string;
  rid: string;
}

/** The part of a page that is read by one branch of the statement. */
export interface ScanBranch {
  /** As in ScanPosition. */
  position: string;
  type: string;
}

export interface Scan {
  schema: string;
  owners: Owners;
  rows: CompartmentRows;
  /** Types to read, those that have tables; the type of the owners may be one of them. */
  types: readonly string[];
  /** Whether the owners themselves are read. */
  withOwners: boolean;
  care: CarePeriod;
  after?: ScanPosition;
}

/** The branches that are left after the position, in order. */
export function scanBranches({ owners, types, withOwners, after }: Scan): ScanBranch[] {
  const all = [
    ...(withOwners ? [{ position: '', type: owners.type }] : []),
    ...types.map((type) => ({ position: type, type })),
  ];
  return after === undefined ? all : all.filter(({ position }) => position >= after.type);
}

/** The statement that reads a page of compartments (see {@link placedPageSql}). */
export function scanStatement(scan: Scan, branches: readonly ScanBranch[], room: Room): Statement {
  const parameters = new SqlParameters();
  const limit = parameters.add(room.resources + 1);
  const text = placedPageSql(
    branches.map((branch): PageBranch => {
      const table = tableNames(scan.schema, branch.type).resource;
      const { after } = scan;
      const from = after?.type === branch.position ? ` AND m.rid > ${parameters.add(after.rid)}::bigint` : '';
      const sql = { table, limit, from };
      return {
        table,
        found:
          branch.position === ''
            ? ownersSql(scan, sql, parameters)
            : typeSql(scan, branch.type, sql, parameters),
      };
    }),
    room,
    parameters,
  );
  return { name: '', text, values: parameters.values };
}

interface Pieces {
  table: string;
  limit: string;
  from: string;
}

function ownersSql(
  { owners, rows }: Scan,
  { table, limit, from }: Pieces,
  parameters: SqlParameters,
): string {
  const selves = selvesSql(rows, parameters);
  const ids = `${parameters.add(textArray(owners.ids))}::text[]`;
  return `SELECT m.rid, octet_length(m.content) AS size FROM ${table} m
WHERE m.self = ANY (${selves}) AND m.id = ANY (${ids}) AND m.method <> 'D'${from} ORDER BY m.rid LIMIT ${limit}`;
}

const selvesSql = (rows: CompartmentRows, parameters: SqlParameters) =>
  `${parameters.add(int8Array(rows.selves))}::bigint[]`;

/**
 * Each way into the compartment is read by its own index, as far as the page goes: a patient's rows stand in the
 * index with their ids, so that of a long record only the page's own rows are visited (`+ 0`: never along all rows of the table). Deleted rows have no keys.
 */
function typeSql(
  { owners, rows, care }: Scan,
  type: string,
  { table, limit, from }: Pieces,
  parameters: SqlParameters,
): string {
  const further = [
    careSql(type, care, parameters),
    type === owners.type ? `m.self <> ALL (${selvesSql(rows, parameters)})` : undefined,
  ];
  const also = further.map((condition) => (condition === undefined ? '' : ` AND ${condition}`)).join('');
  const ways = rows
    .conditions(type, parameters)
    .map(
      (condition) =>
        `(SELECT m.rid FROM ${table} m WHERE ${condition}${from}${also} ORDER BY m.rid + 0 LIMIT ${limit})`,
    );
  const rids =
    ways.length === 1 ? ways[0]! : `SELECT rid FROM (${ways.join(' UNION ')}) w ORDER BY rid LIMIT ${limit}`;
  return `SELECT m.rid, octet_length(m.content) AS size FROM ${table} m WHERE m.rid = ANY (ARRAY (${rids}))`;
}
