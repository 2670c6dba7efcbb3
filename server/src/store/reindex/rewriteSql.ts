import type { IndexRows } from '../index/rows.ts';
import { int8Array } from '../resource/binaryArray.ts';
import { hasOrderedRows, replaceSideRows, type SideRowNumbers } from '../resource/replaceSideRows.ts';
import { ordinals, sideRowParameters } from '../resource/sideRows.ts';
import type { TableNames } from '../schema/names.ts';

const PARAMETERS: SideRowNumbers = {
  ordered: [8, 9, 20, 21],
  strings: [10, 11, 12, 13],
  ranges: [14, 15, 16, 17, 18],
};

/**
 * Statement text that gives a batch of resources the index rows that their content has now. Their rows must be locked by an
 * earlier statement of the transaction. A main row is written wherever anything of its resource changes, even if only side
 * rows do: by that, an update that waited for the lock learns that it must look again (putSql). It fails like a write
 * (isStalePlan) when the rows were made by another plan than the store's. What has other keys has a signature no more
 * (keySignature): many changes may be of one moment, so all of a moment are looked through once.
 */
export function rewriteSql(schema: string, type: string, t: TableNames): string {
  const differs = ['strings', 'ranges', ...(hasOrderedRows(type) ? ['ordered'] : [])]
    .map((name) => `OR x.rid IN (SELECT coalesce(rid, gone_rid) FROM differ_${name})`)
    .join(' ');
  return `WITH plan AS MATERIALIZED (
  SELECT 1 / (revision = $19::bigint)::integer AS is_known FROM "${schema}".index_plan),
input AS MATERIALIZED (
  SELECT rid, pat, to_timestamp(lo / 1000) AS lo, to_timestamp(hi / 1000) AS hi, ($3::bigint[])[k_from:k_to] AS keys, ord::integer AS ord
  FROM unnest($1::bigint[], $2::bigint[], $4::integer[], $5::integer[], $6::float8[], $7::float8[])
       WITH ORDINALITY AS i(rid, pat, k_from, k_to, lo, hi, ord)),
done AS MATERIALIZED (
  SELECT i.*, m.rid AS old_rid, m.version, m.last_updated, m.keys AS old_keys, m.pat AS old_pat, coalesce(m.date_lo, '-infinity') AS old_date,
         (m.pat, m.date_lo, m.date_hi, m.keys) IS DISTINCT FROM (i.pat, i.lo, i.hi, i.keys) AS differs
  FROM input i JOIN ${t.resource} m ON m.rid = i.rid CROSS JOIN plan WHERE plan.is_known = 1),
rids AS MATERIALIZED (
  SELECT array_agg(rid ORDER BY ord) AS rids, array_agg(coalesce(lo, '-infinity') ORDER BY ord) AS dates FROM done),
${replaceSideRows(type, t, PARAMETERS)},
updated AS (
  UPDATE ${t.resource} m SET pat = x.pat, date_lo = x.lo, date_hi = x.hi, keys = x.keys
  FROM done x WHERE m.rid = x.rid AND (x.differs ${differs}) RETURNING m.rid),
signed AS (
  SELECT c.place FROM (SELECT DISTINCT last_updated FROM done WHERE keys <> old_keys) moment
    CROSS JOIN LATERAL (
      SELECT ctid AS place, rid, version FROM "${schema}".changes
      WHERE type = '${type}' AND last_updated = moment.last_updated AND keys_a IS NOT NULL OFFSET 0) c
    JOIN done x ON x.rid = c.rid AND x.version = c.version
  WHERE x.keys <> x.old_keys),
unsigned AS (
  UPDATE "${schema}".changes c SET keys_a = NULL, keys_b = NULL FROM signed s WHERE c.ctid = s.place)
SELECT count(*)::integer AS changed FROM updated`;
}

/** Parameters of {@link rewriteSql}. @param revision of the index plan that the rows were made with */
export function rewriteValues(
  rids: readonly string[],
  rows: readonly IndexRows[],
  revision: number,
): unknown[] {
  const side = sideRowParameters(rows);
  return [
    int8Array(rids),
    side.patient,
    side.keys,
    side.keysFrom,
    side.keysTo,
    side.dateLo,
    side.dateHi,
    ordinals(side.orderedAt),
    side.orderedKey,
    ordinals(side.stringsAt),
    side.stringsParam,
    side.stringsValue,
    side.stringsExact,
    ordinals(side.rangesAt),
    side.rangesParam,
    side.rangesUnit,
    side.rangesLo,
    side.rangesHi,
    revision,
    side.orderedQuantity,
    side.orderedBase,
  ];
}
