import { ORDERED_PARAMETERS } from '../index/orderedParameters.ts';
import type { TableNames } from '../schema/names.ts';

/** Numbers of the statement's parameters that hold the new side rows, in the order of the `unnest` calls below. */
export interface SideRowNumbers {
  /** Position of the resource, key, main quantity, the same in base units. */
  ordered: readonly [number, number, number, number];
  /** Position, param, value, exact. */
  strings: readonly [number, number, number, number];
  /** Position, param, unit, lo, hi. */
  ranges: readonly [number, number, number, number, number];
}

/**
 * Parts of a WITH that replace the side rows of a batch of resources. It needs before it
 * - `done`: the resources, with `old_rid`, `old_keys`, `old_pat` and `old_date` of their rows as the statement's snapshot
 *   sees them, and the new `pat`; no other transaction may have touched their side rows since that snapshot;
 * - `rids`: one row with the arrays `rids` (0: not to be written) and `dates`, by position from 1.
 * `oldOrdered` is SQL of keys of `done x` among which are those of its ordered rows.
 * What differs stands in `differ_strings`, `differ_ranges` and `differ_ordered`; a row that goes has its `gone_rid`.
 */
export function replaceSideRows(
  type: string,
  t: TableNames,
  numbers: SideRowNumbers,
  oldOrdered = 'x.old_keys',
): string {
  const [sAt, sParam, sValue, sExact] = numbers.strings;
  const [rAt, rParam, rUnit, rLo, rHi] = numbers.ranges;
  const strings = replaceRows({
    name: 'strings',
    table: t.strings,
    columns: ['rid', 'param', 'value', 'exact'],
    fresh: 'rids[ord], param, value, exact',
    source: `unnest($${sAt}::integer[], $${sParam}::bigint[], $${sValue}::text[], $${sExact}::bigint[]) AS s(ord, param, value, exact)`,
    current: `${t.strings} d ON d.rid = x.old_rid`,
  });
  const ranges = replaceRows({
    name: 'ranges',
    table: t.ranges,
    columns: ['rid', 'param', 'unit', 'lo', 'hi'],
    fresh: 'rids[ord], param, unit, lo, hi',
    source: `unnest($${rAt}::integer[], $${rParam}::bigint[], $${rUnit}::bigint[], $${rLo}::float8[], $${rHi}::float8[]) AS r(ord, param, unit, lo, hi)`,
    current: `${t.ranges} d ON d.rid = x.old_rid`,
  });
  return [strings, ranges, ordered(type, t, numbers.ordered, oldOrdered)].join(',\n');
}

/** Whether a type has rows in its ordered table: most have none, and looking up each of their keys there would be in vain. */
export const hasOrderedRows = (type: string): boolean => ORDERED_PARAMETERS[type] !== undefined;

function ordered(
  type: string,
  t: TableNames,
  numbers: SideRowNumbers['ordered'],
  oldOrdered: string,
): string {
  const [at, key, quantity, base] = numbers;
  const fresh = [`$${at}::integer[]`, `$${key}::bigint[]`, `$${quantity}::real[]`, `$${base}::real[]`].join(
    ', ',
  );
  if (!hasOrderedRows(type)) return `unordered AS (SELECT ${fresh})`;
  // OFFSET 0 keeps the planner from looking for the rows by date and rid alone, which reads the whole index.
  const rows = (alias: string, wanted: string) =>
    `(SELECT ${alias}.ctid, ${alias}.* FROM ${t.ordered} ${alias} WHERE ${alias}.key ${wanted} AND ${alias}.date = x.old_date AND ${alias}.rid = x.old_rid OFFSET 0)`;
  return replaceRows({
    name: 'ordered',
    table: t.ordered,
    columns: ['rid', 'key', 'date', 'quantity', 'base_quantity'],
    fresh: 'rids[ord], key, dates[ord], quantity, base',
    source: `unnest(${fresh}) AS o(ord, key, quantity, base)`,
    // Each code's row, by one scan for all keys, and that of the patient with the code; of the new patient, where a reindex finds that a wrong one was noted.
    current: `LATERAL ${rows('o', `= ANY (${oldOrdered})`)} c ON true
      CROSS JOIN LATERAL (SELECT c.* UNION ALL SELECT * FROM ${rows('p', '= ANY (ARRAY[c.key # x.old_pat, c.key # x.pat])')} p) d`,
  });
}

interface SideTable {
  name: string;
  table: string;
  columns: string[];
  /** Expressions of the columns of a new row, and where they come from. */
  fresh: string;
  source: string;
  /** Join of `done x` to the rows of the old version, as `d`. */
  current: string;
}

/**
 * Deletes the index rows that the new version does not have and inserts those that the old one did not have: most
 * updates change few. One join tells both; what is gone is deleted by its place, which is that of the snapshot, since
 * no other transaction can have touched the rows of what is done. OFFSET 0 has the new rows made before they are joined: else each
 * of them would carry the whole arrays of `rids` into the join.
 */
function replaceRows(side: SideTable): string {
  const { name, table, fresh, source, current } = side;
  const columns = side.columns.join(', ');
  const of = (alias: string) => side.columns.map((column) => `${alias}.${column}`).join(', ');
  const same = side.columns.map((column) => `d.${column} = f.${column}`).join(' AND ');
  return `differ_${name} AS MATERIALIZED (
  SELECT d.ctid AS gone, d.rid AS gone_rid, f.*
  FROM (SELECT d.ctid, ${of('d')} FROM done x JOIN ${current}) d
    FULL JOIN (SELECT * FROM (SELECT ${fresh} FROM ${source}, rids OFFSET 0) f(${columns}) WHERE rid <> 0) f ON ${same}
  WHERE d.rid IS NULL OR f.rid IS NULL),
gone_${name} AS (
  DELETE FROM ${table} d USING differ_${name} g WHERE d.ctid = g.gone),
new_${name} AS (
  INSERT INTO ${table} (${columns}) SELECT ${columns} FROM differ_${name} WHERE gone IS NULL)`;
}
