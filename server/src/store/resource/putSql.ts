import { auditInsert } from '../audit/auditRow.ts';
import type { TableNames } from '../schema/names.ts';
import { int8Array, textArray } from './binaryArray.ts';
import { contentSql } from './content.ts';
import { versionRanges } from './expectedVersion.ts';
import { clockSql, stampSql } from './insertSql.ts';
import type { Key } from '../index/rows.ts';
import { replaceSideRows, type SideRowNumbers } from './replaceSideRows.ts';
import { ordinals, sideRowParameters } from './sideRows.ts';
import type { DeleteWrite, PutWrite } from './types.ts';

/** Where {@link putValues} has the side rows. */
const PARAMETERS: SideRowNumbers = {
  ordered: [12, 13, 27, 28],
  strings: [14, 15, 16, 24],
  ranges: [17, 18, 19, 20, 21],
};

/**
 * Among which keys the ordered rows of the old version are. Those keys are some of all that a version has: where these are the same as before, so are
 * those, and few keys are looked up instead of all.
 */
const OLD_ORDERED = 'CASE WHEN x.old_keys = x.keys THEN x.ordered_keys ELSE x.old_keys END';

/**
 * Statement text that updates, makes or deletes a batch of resources under given, distinct ids:
 * - `found` has the rows that exist, as the statement's snapshot sees them;
 * - `target` keeps the writes whose expectation holds;
 * - `updated` writes those whose row is still that of the snapshot (a reindex changes it without a new version), in
 *   the order of the batch (that of the ids, so that two batches do not deadlock), `inserted` those that have none
 *   yet. Where another transaction came in between, its index rows would be invisible here, and stay behind: nothing is done then;
 * - of what is `done` the superseded version goes to history, what differs of its index rows is replaced, and a
 *   change row is written.
 *
 * A write with `again` met such another transaction: it is to be tried again. No row is locked before it is
 * written: that would cost a write of its own.
 *
 * @param isRecorded whether rows of the audit log are written with what is done: the ordinals of their writes and their
 *   parameters come last
 */
export function putSql(schema: string, type: string, t: TableNames, isRecorded: boolean): string {
  return `WITH ${clockSql(schema, 26)},
input AS MATERIALIZED (
  SELECT self, rid AS new_rid, id, head, tail, pat, to_timestamp(lo / 1000) AS lo, to_timestamp(hi / 1000) AS hi,
         ($7::bigint[])[k_from:k_to] AS keys, keys_a, keys_b, ($13::bigint[])[o_from:o_to] AS ordered_keys, method::"char" AS method, expected, ord::integer AS ord
  FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $8::integer[], $9::integer[], $10::float8[], $11::float8[], $22::text[], $23::text[], $25::bigint[],
              $29::integer[], $30::integer[], $31::bigint[], $32::bigint[])
       WITH ORDINALITY AS i(rid, id, head, tail, pat, k_from, k_to, lo, hi, method, expected, self, o_from, o_to, keys_a, keys_b, ord)),
found AS MATERIALIZED (
  SELECT i.*, o.*
  FROM input i
    LEFT JOIN LATERAL (
      SELECT rid AS old_rid, version AS old_version, last_updated AS old_updated, method AS old_method,
             coalesce(date_lo, '-infinity') AS old_date, pat AS old_pat, keys AS old_keys, content AS old_content, xmin AS old_xmin
      FROM ${t.resource} WHERE self = i.self AND id = i.id) o ON true),
target AS MATERIALIZED (
  SELECT f.*, coalesce(old_rid, new_rid) AS rid, coalesce(old_version, 0) + 1 AS version, greatest(c.ts, old_updated) AS ts
  FROM found f CROSS JOIN clock c
  WHERE (expected IS NULL OR expected::int4multirange @> CASE WHEN old_method <> 'D' THEN old_version ELSE 0 END)
    AND (method = 'U' OR old_method <> 'D')),
updated AS (
  UPDATE ${t.resource} m
  SET pat = x.pat, date_lo = x.lo, date_hi = x.hi, last_updated = x.ts, version = x.version, method = x.method, keys = x.keys,
      content = ${contentSql('x.head', 'x.version::text', stampSql('x.ts'), 'x.tail')}
  FROM target x WHERE m.self = x.self AND m.version = x.old_version AND m.xmin = x.old_xmin RETURNING m.rid),
inserted AS (
  INSERT INTO ${t.resource} (self, rid, pat, date_lo, date_hi, last_updated, version, method, id, keys, content)
  SELECT self, rid, pat, lo, hi, ts, version, method, id, keys, ${contentSql('head', 'version::text', stampSql('ts'), 'tail')}
  FROM target WHERE old_rid IS NULL ON CONFLICT (self) DO NOTHING RETURNING rid),
done AS MATERIALIZED (
  SELECT * FROM target WHERE rid = ANY (ARRAY (SELECT rid FROM updated UNION ALL SELECT rid FROM inserted))),
superseded AS (
  INSERT INTO ${t.history} (self, last_updated, version, method, id, content)
  SELECT self, old_updated, old_version, old_method, id, old_content FROM done WHERE old_rid IS NOT NULL),
rids AS MATERIALIZED (
  SELECT array_agg(coalesce(d.rid, 0) ORDER BY f.ord) AS rids, array_agg(coalesce(f.lo, '-infinity') ORDER BY f.ord) AS dates
  FROM found f LEFT JOIN done d USING (ord)),
${replaceSideRows(type, t, PARAMETERS, OLD_ORDERED)},
change AS (
  INSERT INTO "${schema}".changes (last_updated, type, rid, version, method, keys_a, keys_b)
  SELECT ts, '${type}', rid, version, method, keys_a, keys_b FROM done)${
    isRecorded
      ? `,
audit AS (${auditSql(schema)})`
      : ''
  }
SELECT f.ord, d.ord IS NOT NULL AS applied, d.ord IS NULL AND f.ord IN (SELECT ord FROM target) AS again,
       CASE WHEN f.old_method <> 'D' THEN f.old_version ELSE 0 END AS live_version, d.version, d.ts
FROM found f LEFT JOIN done d USING (ord) ORDER BY f.ord`;
}

/** Number of the first parameter behind those of {@link putValues}. */
const PUT_AUDIT_FIRST = 33;

const auditSql = (schema: string): string =>
  auditInsert({
    schema,
    first: PUT_AUDIT_FIRST + 1,
    applied: `SELECT w.n, d.version FROM unnest($${PUT_AUDIT_FIRST}::integer[]) WITH ORDINALITY AS w(ord, n) JOIN done d USING (ord)`,
  });

/** One row of {@link putSql}'s result. */
export interface PutRow {
  ord: number;
  applied: boolean;
  again: boolean;
  live_version: number;
  version: number | null;
  ts: Date | null;
}

/**
 * Parameters of {@link putSql}.
 *
 * @param rids ids of rows for those resources that do not exist yet
 * @param revision of the index plan that the writes were made with
 */
export function putValues(
  writes: readonly (PutWrite | DeleteWrite)[],
  rids: readonly number[],
  selves: readonly Key[],
  at: Date | null,
  revision: number,
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
    textArray(
      writes.map(({ expectedVersion }) =>
        expectedVersion === undefined ? null : versionRanges(expectedVersion),
      ),
    ),
    side.stringsExact,
    int8Array(selves),
    revision,
    side.orderedQuantity,
    side.orderedBase,
    side.orderedFrom,
    side.orderedTo,
    side.keysA,
    side.keysB,
  ];
}
