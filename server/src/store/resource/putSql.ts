import type { TableNames } from '../schema/names.ts';
import { int4Array, int8Array, textArray } from './binaryArray.ts';
import { ORDERED_PARAMETERS } from '../index/orderedParameters.ts';
import { contentSql } from './content.ts';
import { CLOCK_SQL, stampSql } from './insertSql.ts';
import type { Key } from '../index/rows.ts';
import { sideRowParameters } from './sideRows.ts';
import type { DeleteWrite, PutWrite } from './types.ts';

/**
 * Statement text that updates, makes or deletes a batch of resources under given, distinct ids:
 * - `found` has the rows that exist, as the statement's snapshot sees them;
 * - `target` keeps the writes whose expectation holds;
 * - `updated` writes those whose row is still that of the snapshot, in the order of the batch (that of the ids, so
 *   that two batches do not deadlock), `inserted` those that have none yet. Where another transaction came in
 *   between, its index rows would be invisible here, and stay behind: nothing is done then;
 * - of what is `done` the superseded version goes to history, what differs of its index rows is replaced, and a
 *   change row is written.
 *
 * A write with `again` met such another transaction: it is to be tried again. No row is locked before it is
 * written: that would cost a write of its own.
 */
export function putSql(schema: string, type: string, t: TableNames): string {
  return `WITH ${CLOCK_SQL},
input AS MATERIALIZED (
  SELECT self, rid AS new_rid, id, head, tail, pat, to_timestamp(lo / 1000) AS lo, to_timestamp(hi / 1000) AS hi,
         ($7::bigint[])[k_from:k_to] AS keys, method::"char" AS method, expected, ord::integer AS ord
  FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $8::integer[], $9::integer[], $10::float8[], $11::float8[], $22::text[], $23::integer[], $25::bigint[])
       WITH ORDINALITY AS i(rid, id, head, tail, pat, k_from, k_to, lo, hi, method, expected, self, ord)),
found AS MATERIALIZED (
  SELECT i.*, o.*
  FROM input i
    LEFT JOIN LATERAL (
      SELECT rid AS old_rid, version AS old_version, last_updated AS old_updated, method AS old_method,
             coalesce(date_lo, '-infinity') AS old_date, keys AS old_keys, content AS old_content
      FROM ${t.resource} WHERE self = i.self AND id = i.id) o ON true),
target AS MATERIALIZED (
  SELECT f.*, coalesce(old_rid, new_rid) AS rid, coalesce(old_version, 0) + 1 AS version, greatest(c.ts, old_updated) AS ts
  FROM found f CROSS JOIN clock c
  WHERE (expected IS NULL OR expected = CASE WHEN old_method <> 'D' THEN old_version ELSE 0 END)
    AND (method = 'U' OR old_method <> 'D')),
updated AS (
  UPDATE ${t.resource} m
  SET pat = x.pat, date_lo = x.lo, date_hi = x.hi, last_updated = x.ts, version = x.version, method = x.method, keys = x.keys,
      content = ${contentSql('x.head', 'x.version::text', stampSql('x.ts'), 'x.tail')}
  FROM target x WHERE m.self = x.self AND m.version = x.old_version RETURNING m.rid),
inserted AS (
  INSERT INTO ${t.resource} (self, rid, pat, date_lo, date_hi, last_updated, version, method, id, keys, content)
  SELECT self, rid, pat, lo, hi, ts, version, method, id, keys, ${contentSql('head', 'version::text', stampSql('ts'), 'tail')}
  FROM target WHERE old_rid IS NULL ON CONFLICT (self) DO NOTHING RETURNING rid),
done AS MATERIALIZED (
  SELECT * FROM target WHERE rid IN (SELECT rid FROM updated UNION ALL SELECT rid FROM inserted)),
superseded AS (
  INSERT INTO ${t.history} (self, last_updated, version, method, id, content)
  SELECT self, old_updated, old_version, old_method, id, old_content FROM done WHERE old_rid IS NOT NULL),
rids AS MATERIALIZED (
  SELECT array_agg(coalesce(d.rid, 0) ORDER BY f.ord) AS rids, array_agg(coalesce(f.lo, '-infinity') ORDER BY f.ord) AS dates
  FROM found f LEFT JOIN done d USING (ord)),
${replaceRows({
  name: 'strings',
  table: t.strings,
  columns: ['rid', 'param', 'value', 'exact'],
  fresh: 'rids[ord], param, value, exact',
  source: 'unnest($14::integer[], $15::bigint[], $16::text[], $24::bigint[]) AS s(ord, param, value, exact)',
  current: `${t.strings} d ON d.rid = x.old_rid`,
})},
${replaceRows({
  name: 'ranges',
  table: t.ranges,
  columns: ['rid', 'param', 'unit', 'lo', 'hi'],
  fresh: 'rids[ord], param, unit, lo, hi',
  source:
    'unnest($17::integer[], $18::bigint[], $19::bigint[], $20::float8[], $21::float8[]) AS r(ord, param, unit, lo, hi)',
  current: `${t.ranges} d ON d.rid = x.old_rid`,
})},
${ordered(type, t)},
change AS (
  INSERT INTO "${schema}".changes (last_updated, type, rid, version, method) SELECT ts, '${type}', rid, version, method FROM done)
SELECT f.ord, d.ord IS NOT NULL AS applied, d.ord IS NULL AND f.ord IN (SELECT ord FROM target) AS again,
       CASE WHEN f.old_method <> 'D' THEN f.old_version ELSE 0 END AS live_version, d.version, d.ts
FROM found f LEFT JOIN done d USING (ord) ORDER BY f.ord`;
}

/** Most types have nothing in their ordered table: looking up each of their keys there would be in vain. */
function ordered(type: string, t: TableNames): string {
  if (ORDERED_PARAMETERS[type] === undefined) return 'unordered AS (SELECT $12::integer[], $13::bigint[])';
  return replaceRows({
    name: 'ordered',
    table: t.ordered,
    columns: ['rid', 'key', 'date'],
    fresh: 'rids[ord], key, dates[ord]',
    source: 'unnest($12::integer[], $13::bigint[]) AS o(ord, key)',
    // OFFSET 0 keeps the planner from looking for the rows by date and rid alone, which reads the whole index.
    current: `unnest(x.old_keys) AS k(key) ON true CROSS JOIN LATERAL (
      SELECT o.ctid, o.* FROM ${t.ordered} o WHERE o.key = k.key AND o.date = x.old_date AND o.rid = x.old_rid OFFSET 0) d`,
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
 * no other transaction can have touched the rows of what is done.
 */
function replaceRows(side: SideTable): string {
  const { name, table, fresh, source, current } = side;
  const columns = side.columns.join(', ');
  const of = (alias: string) => side.columns.map((column) => `${alias}.${column}`).join(', ');
  const same = side.columns.map((column) => `d.${column} = f.${column}`).join(' AND ');
  return `differ_${name} AS MATERIALIZED (
  SELECT d.ctid AS gone, f.*
  FROM (SELECT d.ctid, ${of('d')} FROM done x JOIN ${current}) d
    FULL JOIN (SELECT * FROM (SELECT ${fresh} FROM ${source}, rids) f(${columns}) WHERE rid <> 0) f ON ${same}
  WHERE d.rid IS NULL OR f.rid IS NULL),
gone_${name} AS (
  DELETE FROM ${table} d USING differ_${name} g WHERE d.ctid = g.gone),
new_${name} AS (
  INSERT INTO ${table} (${columns}) SELECT ${columns} FROM differ_${name} WHERE gone IS NULL)`;
}

/** Positions as SQL's WITH ORDINALITY counts them. */
const ordinals = (positions: readonly number[]) => int4Array(positions.map((position) => position + 1));

/** One row of {@link putSql}'s result. */
export interface PutRow {
  ord: number;
  applied: boolean;
  again: boolean;
  live_version: number;
  version: number | null;
  ts: Date | null;
}

/** Parameters of {@link putSql}. @param rids ids of rows for those resources that do not exist yet */
export function putValues(
  writes: readonly (PutWrite | DeleteWrite)[],
  rids: readonly number[],
  selves: readonly Key[],
  at: Date | null,
): unknown[] {
  const side = sideRowParameters(writes.map((write) => (write.method === 'U' ? write.index : undefined)));
  const part = (name: 'head' | 'tail') =>
    textArray(writes.map((w) => (w.method === 'U' ? w.content[name] : null)));
  return [
    at,
    int8Array(rids),
    textArray(writes.map((write) => write.id)),
    part('head'),
    part('tail'),
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
    ordinals(side.rangesAt),
    side.rangesParam,
    side.rangesUnit,
    side.rangesLo,
    side.rangesHi,
    textArray(writes.map((write) => write.method)),
    int4Array(writes.map((write) => write.expectedVersion ?? null)),
    side.stringsExact,
    int8Array(selves),
  ];
}
