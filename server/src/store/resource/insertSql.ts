import { auditInsert } from '../audit/auditRow.ts';
import type { TableNames } from '../schema/names.ts';
import { contentSql } from './content.ts';
import type { Key } from '../index/rows.ts';
import { sideRowParameters } from './sideRows.ts';
import { float8Array, int8Array, textArray } from './binaryArray.ts';
import type { CreateWrite } from './types.ts';

/**
 * The time of a write is taken *inside* its transaction, after PostgreSQL has reported the transaction as
 * running: the history horizon (history/horizon.ts) relies on it. A transaction hands its first time on ($1).
 *
 * The statement fails as a whole (isStalePlan) when its index rows were made by another plan than the store's: a
 * server that has not heard of a new search parameter must not write without its rows.
 *
 * @param revision number of the parameter with the revision of the index plan
 */
export const clockSql = (schema: string, revision: number) =>
  `clock AS MATERIALIZED (
  SELECT date_trunc('milliseconds', coalesce($1::timestamptz, clock_timestamp())) AS ts, 1 / (revision = $${revision}::bigint)::integer
  FROM "${schema}".index_plan)`;

/** SQLSTATE of the division in {@link clockSql}; nothing else here divides by what could be zero. */
const DIVISION_BY_ZERO = '22012';

/** Whether a write failed because its index rows were made by another plan than the store's. */
export function isStalePlan(error: unknown): boolean {
  return (error as { code?: unknown }).code === DIVISION_BY_ZERO;
}

/** FHIR instant of a timestamptz expression. */
export const stampSql = (ts: string) => `to_char(${ts} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Number of the first parameter behind those of {@link insertValues}. */
const INSERT_AUDIT_FIRST = 30;

/**
 * Statement text that inserts a batch of new resources with all their index rows and change rows.
 *
 * @param isRecorded whether rows of the audit log are written with them: their parameters come last
 */
export function insertSql(schema: string, type: string, t: TableNames, isRecorded: boolean): string {
  return `WITH ${clockSql(schema, 25)},
input AS MATERIALIZED (
  SELECT self, rid, id, head, tail, pat, to_timestamp(lo / 1000) AS lo, to_timestamp(hi / 1000) AS hi,
         ($7::bigint[])[k_from:k_to] AS keys, keys_a, keys_b
  FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $8::integer[], $9::integer[], $10::float8[], $11::float8[], $24::bigint[], $28::bigint[], $29::bigint[])
    AS i(rid, id, head, tail, pat, k_from, k_to, lo, hi, self, keys_a, keys_b)),
main AS (
  INSERT INTO ${t.resource} (self, rid, pat, date_lo, date_hi, last_updated, version, method, id, keys, content)
  SELECT self, rid, pat, lo, hi, ts, 1, 'C', id, keys, ${contentSql('head', "'1'", stampSql('ts'), 'tail')} FROM input, clock),
ordered AS (
  INSERT INTO ${t.ordered} (key, date, rid, quantity, base_quantity)
  SELECT key, to_timestamp(lo / 1000), rid, quantity, base
  FROM unnest($12::bigint[], $13::bigint[], $22::float8[], $26::real[], $27::real[]) AS o(rid, key, lo, quantity, base)),
strings AS (
  INSERT INTO ${t.strings} (rid, param, value, exact)
  SELECT * FROM unnest($14::bigint[], $15::bigint[], $16::text[], $23::bigint[])),
ranges AS (
  INSERT INTO ${t.ranges} (rid, param, unit, lo, hi)
  SELECT * FROM unnest($17::bigint[], $18::bigint[], $19::bigint[], $20::float8[], $21::float8[])),
change AS (
  INSERT INTO "${schema}".changes (last_updated, type, rid, version, method, keys_a, keys_b) SELECT ts, '${type}', rid, 1, 'C', keys_a, keys_b FROM input, clock)${
    isRecorded
      ? `,
audit AS (${auditInsert({ schema, first: INSERT_AUDIT_FIRST })})`
      : ''
  }
SELECT ts FROM clock`;
}

/**
 * Parameters of {@link insertSql}.
 *
 * @param at time of the surrounding transaction, or null for now
 * @param revision of the index plan that the writes were made with
 */
export function insertValues(
  writes: readonly CreateWrite[],
  rids: readonly number[],
  selves: readonly Key[],
  at: Date | null,
  revision: number,
): unknown[] {
  const side = sideRowParameters(writes.map((write) => write.index));
  return [
    at,
    int8Array(rids),
    textArray(writes.map((write) => write.id)),
    textArray(writes.map((write) => write.content.head)),
    textArray(writes.map((write) => write.content.tail)),
    side.patient,
    side.keys,
    side.keysFrom,
    side.keysTo,
    side.dateLo,
    side.dateHi,
    int8Array(side.orderedAt.map((position) => rids[position]!)),
    side.orderedKey,
    int8Array(side.stringsAt.map((position) => rids[position]!)),
    side.stringsParam,
    side.stringsValue,
    int8Array(side.rangesAt.map((position) => rids[position]!)),
    side.rangesParam,
    side.rangesUnit,
    side.rangesLo,
    side.rangesHi,
    float8Array(side.orderedAt.map((position) => writes[position]!.index.dateLoMs ?? -Infinity)),
    side.stringsExact,
    int8Array(selves),
    revision,
    side.orderedQuantity,
    side.orderedBase,
    side.keysA,
    side.keysB,
  ];
}
