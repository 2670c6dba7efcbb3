/** A row of the audit log before it has a place. */
export interface AuditRow {
  recordedMs: number;
  /** Number of the kind of event (audit/events.ts). */
  kind: number;
  /** 0, 4, 8 or 12, as AuditEvent.outcome. */
  outcome: number;
  /** Version of the resource that the record is about, where only the statement that writes it knows it. */
  version: number | null;
  /** What it is found by. */
  keys: readonly bigint[];
  /** What it is found by besides: of many rows that are moved together, the index does not have these (decision 0068). */
  shown?: readonly bigint[];
  /** JSON of the rest. */
  payload: string;
}

/** A row as it stands in the log. */
export interface StoredAuditRow extends Omit<AuditRow, 'shown'> {
  /** Counts up with gaps; the order of the log. */
  place: number;
}

/** How many parameters {@link AuditRows} make. */
export const AUDIT_PARAMETERS = 8;

export interface AuditInsert {
  /** Of the store. */
  schema: string;
  /** Number of the first of the `AUDIT_PARAMETERS` parameters. */
  first: number;
  /**
   * SQL of a relation with columns `n` and `version`: the n-th row (from 1) is only written where it is there, with that version. So
   * what a statement did not apply is not recorded as done. Absent: all rows are, with versions of their own.
   */
  applied?: string;
  /** Further SQL relation whose single row must be there for anything to be written. */
  onlyWith?: string;
}

/**
 * SQL that writes rows of the log: an INSERT without a semicolon, to stand by itself or as a part of WITH. Its transaction has its
 * number before a row gets its place: sealing relies on it (store/audit/sealing.ts).
 */
export function auditInsert({ schema, first, applied, onlyWith }: AuditInsert): string {
  const p = (i: number) => `$${first + i}`;
  const version = applied === undefined ? 'r.version' : 'd.version';
  return `INSERT INTO "${schema}".audit_record (recorded_ms, kind, outcome, version, keys, payload)
  SELECT r.recorded_ms, r.kind, r.outcome, ${version}, (${p(4)}::bigint[])[r.k_from:r.k_to], r.payload
  FROM (SELECT pg_current_xact_id() AS xid OFFSET 0) x${onlyWith === undefined ? '' : ` CROSS JOIN ${onlyWith} o`},
    unnest(${p(0)}::bigint[], ${p(1)}::integer[], ${p(2)}::integer[], ${p(3)}::integer[], ${p(5)}::integer[], ${p(6)}::integer[], ${p(7)}::text[])
      WITH ORDINALITY AS r(recorded_ms, kind, outcome, version, k_from, k_to, payload, n)${
        applied === undefined
          ? ''
          : `
    JOIN (${applied}) d ON d.n = r.n`
      }
  WHERE x.xid IS NOT NULL ORDER BY r.n`;
}
