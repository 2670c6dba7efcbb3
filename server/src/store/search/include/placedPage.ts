import type { SqlParameters } from '../sqlParameters.ts';

/** Most resources, and most bytes of content, that a statement may bring. */
export interface Room {
  resources: number;
  bytes: number;
}

/** Resources of one type that belong to a page. */
export interface PageBranch {
  /** Main table of the type. */
  table: string;
  /** Query of their `rid`, and of the `size` of their content in bytes; no more than the room and one. */
  found: string;
}

/** One row of {@link placedPageSql}, in no order. */
export interface PlacedRow {
  /** Which of the branches it belongs to. */
  n: number;
  /** Row id. */
  rid: string;
  id: string;
  version: number;
  last_updated: Date;
  method: 'C' | 'U' | 'D';
  content: string | null;
  /** How many were found, at most one more than there is room for: if there are fewer rows, there are more resources. */
  found: string;
}

const COLUMNS = 'm.rid, m.id, m.version, m.last_updated, m.method, m.content';

/**
 * The query of a page of several types: by branch, then by row id, as many as there is room for, but at least one.
 * The order is made without the contents: sorting those costs more than reading their rows again.
 */
export function placedPageSql(
  branches: readonly PageBranch[],
  room: Room,
  parameters: SqlParameters,
): string {
  const limit = parameters.add(room.resources + 1);
  const fits = `place = 1 OR place <= ${parameters.add(room.resources)} AND bytes <= ${parameters.add(room.bytes)}`;
  const found = branches.map(({ found }, n) => `SELECT ${n} AS n, rid, size FROM (${found}) f${n}`);
  const brought = branches.map(
    ({ table }, n) => `SELECT ${n} AS n, ${COLUMNS}, (SELECT count(*) FROM found) AS found FROM ${table} m
WHERE m.rid = ANY (ARRAY (SELECT rid FROM placed WHERE n = ${n} AND fits))`,
  );
  return `WITH found AS MATERIALIZED (
  SELECT n, rid, size FROM (${found.join('\nUNION ALL ')}) f ORDER BY n, rid LIMIT ${limit}),
placed AS MATERIALIZED (
  SELECT n, rid, ${fits} AS fits
  FROM (SELECT n, rid, sum(size) OVER w AS bytes, row_number() OVER w AS place FROM found
        WINDOW w AS (ORDER BY n, rid ROWS UNBOUNDED PRECEDING)) w)
${brought.join('\nUNION ALL ')}`;
}

/** By branch, then by row id, which is safe as a number: it counts rows. */
export function inPageOrder(rows: readonly PlacedRow[]): PlacedRow[] {
  const placed = rows.map((row) => ({ row, rid: Number(row.rid) }));
  return placed.sort((a, b) => a.row.n - b.row.n || a.rid - b.rid).map(({ row }) => row);
}
