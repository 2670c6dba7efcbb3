import { MAIN_DATE } from '../index/mainDate.ts';
import { tableNames } from './names.ts';

/**
 * Rows with content up to this size stay in one heap tuple; only larger content is moved to TOAST. A patient of 3 KB is
 * then read with one page access and not three.
 */
const INLINE_BYTES_MAX = 8160;

/** Bytes of unmerged GIN entries: small, so that no insert and no search ever pays for a long merge. */
const GIN_PENDING_LIST_KB = 256;

/**
 * Whether a row's main date is longer than a day, or open: in most types, hardly any is. What ends after a moment otherwise
 * began at most a day before it, so that an index on the beginning finds it.
 *
 * @param row SQL of the table's alias with a dot, or nothing
 */
export const isLong = (row: string): string =>
  `(CASE WHEN isfinite(${row}date_lo) AND isfinite(${row}date_hi) THEN ${row}date_hi - ${row}date_lo > ${LONG_SQL} ELSE ${row}date_lo IS NOT NULL END)`;

/** As SQL; the longest date of a day's precision is a millisecond shorter. */
export const LONG_SQL = `'24:00:00'::interval`;

/** Name of the index on what {@link isLong}: whoever plans a search looks how much it holds. */
export const longIndexName = (type: string): string => `${type.toLowerCase()}_long`;

function dateIndexes(type: string, table: string): string[] {
  return [
    `CREATE INDEX IF NOT EXISTS "${type.toLowerCase()}_date" ON ${table} (date_lo DESC, rid)`,
    `CREATE INDEX IF NOT EXISTS "${longIndexName(type)}" ON ${table} (date_hi, date_lo) WHERE ${isLong('')}`,
  ];
}

/**
 * The tables of one resource type (docs/decisions/0003): every statement may run again.
 * `self` is the key of the resource's `Type/id` (IndexQuery.selfKey), half as long as most ids: it stands for the id in
 * the indexes, and in every reference to the resource. Readers compare the id as well.
 * `last_updated` has no index: `changes` is in that order already, and an update that changes nothing else that is
 * indexed then writes to no index at all. `method` is C, U or D: the interaction that made the version; a deleted resource keeps its row (D, no content).
 */
export function resourceTablesDdl(schema: string, type: string): string[] {
  const t = tableNames(schema, type);
  const base = type.toLowerCase();
  const index = (suffix: string) => `"${base}_${suffix}"`;
  return [
    `CREATE TABLE IF NOT EXISTS ${t.resource} (
       self bigint NOT NULL, rid bigint NOT NULL, pat bigint, date_lo timestamptz, date_hi timestamptz, last_updated timestamptz NOT NULL,
       version integer NOT NULL, method "char" NOT NULL, id text COLLATE "C" NOT NULL, keys bigint[] NOT NULL, content text,
       CONSTRAINT ${index('pkey')} PRIMARY KEY (self)
     ) WITH (toast_tuple_target = ${INLINE_BYTES_MAX})`,
    `ALTER TABLE ${t.resource} ALTER content SET STORAGE EXTERNAL, ALTER keys SET STORAGE MAIN, ALTER keys SET STATISTICS 1000`,
    `CREATE UNIQUE INDEX IF NOT EXISTS ${index('rid')} ON ${t.resource} (rid)`,
    `CREATE INDEX IF NOT EXISTS ${index('keys')} ON ${t.resource} USING gin (keys) WITH (gin_pending_list_limit = ${GIN_PENDING_LIST_KB})`,
    `CREATE INDEX IF NOT EXISTS ${index('patient_date')} ON ${t.resource} (pat, date_lo DESC, rid) WHERE pat IS NOT NULL`,
    ...(type in MAIN_DATE ? dateIndexes(type, t.resource) : []),
    `CREATE TABLE IF NOT EXISTS ${t.history} (
       self bigint NOT NULL, last_updated timestamptz NOT NULL, version integer NOT NULL, method "char" NOT NULL, id text COLLATE "C" NOT NULL, content text,
       CONSTRAINT ${index('history_pkey')} PRIMARY KEY (self, version)
     ) WITH (toast_tuple_target = ${INLINE_BYTES_MAX})`,
    `ALTER TABLE ${t.history} ALTER content SET STORAGE EXTERNAL`,
    `CREATE TABLE IF NOT EXISTS ${t.ordered} (
       key bigint NOT NULL, date timestamptz NOT NULL, rid bigint NOT NULL, quantity real NOT NULL, base_quantity real NOT NULL
     )`,
    `CREATE INDEX IF NOT EXISTS ${index('ordered_key')} ON ${t.ordered} (key, date DESC, rid) INCLUDE (quantity, base_quantity)`,
    `CREATE TABLE IF NOT EXISTS ${t.strings} (rid bigint NOT NULL, param bigint NOT NULL, exact bigint NOT NULL, value text COLLATE "C" NOT NULL)`,
    `CREATE INDEX IF NOT EXISTS ${index('strings_value')} ON ${t.strings} (param, value, rid)`,
    `CREATE INDEX IF NOT EXISTS ${index('strings_rid')} ON ${t.strings} (rid)`,
    `CREATE TABLE IF NOT EXISTS ${t.ranges} (
       rid bigint NOT NULL, param bigint NOT NULL, unit bigint NOT NULL, lo float8 NOT NULL, hi float8 NOT NULL
     )`,
    `CREATE INDEX IF NOT EXISTS ${index('ranges_value')} ON ${t.ranges} (param, unit, lo, hi, rid)`,
    `CREATE INDEX IF NOT EXISTS ${index('ranges_rid')} ON ${t.ranges} (rid)`,
  ];
}
