import type { Database } from '../../postgres/database.ts';
import { longIndexName } from '../../schema/resourceTables.ts';
import { UNKNOWN_FREQUENCY, type Frequencies, type TypeStatistics } from './typeStatistics.ts';

/** Bytes of a resource's row, for guessing the number of rows of a table that was never analysed. */
const ROW_BYTES = 2_000;
/** Pages that tables of a type may have gained before what ANALYZE left is taken for outdated; and as often as many as they had. */
const GAINED_PAGES_MIN = 128;

interface StatisticsRow {
  rows: number;
  is_outdated: boolean;
  string_rows: number;
  range_rows: number;
  range_values: string | null;
  range_frequencies: number[] | null;
  key_values: string | null;
  key_frequencies: number[] | null;
  patient_values: string | null;
  patient_frequencies: number[] | null;
  patient_distinct: number | null;
  dates: number[];
  dates_missing: number | null;
  /** null: there is no such index. */
  long_rows: number | null;
  updated: number[];
  texts: string[] | null;
  text_frequencies: number[] | null;
  text_bounds: string[] | null;
}

/** What ANALYZE left about a type; undefined when the type has no table. */
export async function readStatistics(
  database: Database,
  schema: string,
  type: string,
): Promise<TypeStatistics | undefined> {
  const { rows } = await database.search({
    name: 'type-statistics',
    text: STATISTICS_SQL,
    values: [schema, type.toLowerCase(), ROW_BYTES, longIndexName(type), GAINED_PAGES_MIN],
  });
  const row = rows[0] as StatisticsRow | undefined;
  return row && statisticsOf(row);
}

/**
 * pg_stats keeps values as anyarray, which only becomes another type by way of text. The rows since the last ANALYZE are
 * guessed as the planner does it: as many to a page as there were then.
 */
const rowsOf = (c: string) => `CASE WHEN ${c}.reltuples > 0 AND ${c}.relpages > 0
  THEN ${c}.reltuples / ${c}.relpages * ${pagesOf(c)}
  ELSE pg_relation_size(${c}.oid) / $3::float8 END`;
const pagesOf = (c: string) => `(pg_relation_size(${c}.oid) / current_setting('block_size')::float8)`;
/** A table without any statistics counts as one without pages. */
const isOutdated = (c: string, values: string) =>
  `${pagesOf(c)} > $5::float8 + 2 * CASE WHEN ${values} IS NULL THEN 0 ELSE ${c}.relpages END`;
const instants = (alias: string) => `ARRAY(SELECT (extract(epoch FROM b) * 1000)::float8
  FROM unnest(${alias}.histogram_bounds::text::timestamptz[]) b)`;
const column = (alias: string, table: string, name: string) => `LEFT JOIN pg_stats ${alias}
  ON ${alias}.schemaname = $1 AND ${alias}.tablename = ${table} AND ${alias}.attname = '${name}' AND NOT ${alias}.inherited`;

const STATISTICS_SQL = `SELECT ${rowsOf('main')} AS rows, ${rowsOf('strings')} AS string_rows, ${rowsOf('ranges')} AS range_rows,
  ${isOutdated('main', 'u.attname')} OR ${isOutdated('strings', 'v.attname')} OR ${isOutdated('ranges', 'r.attname')} AS is_outdated,
  k.most_common_elems::text AS key_values, k.most_common_elem_freqs AS key_frequencies,
  p.most_common_vals::text AS patient_values, p.most_common_freqs AS patient_frequencies, p.n_distinct AS patient_distinct,
  ${instants('d')} AS dates, d.null_frac AS dates_missing, l.reltuples AS long_rows, ${instants('u')} AS updated,
  r.most_common_vals::text AS range_values, r.most_common_freqs AS range_frequencies,
  v.most_common_vals::text::text[] AS texts, v.most_common_freqs AS text_frequencies, v.histogram_bounds::text::text[] AS text_bounds
FROM pg_namespace n
  JOIN pg_class main ON main.relnamespace = n.oid AND main.relname = $2
  JOIN pg_class strings ON strings.relnamespace = n.oid AND strings.relname = $2 || '_strings'
  JOIN pg_class ranges ON ranges.relnamespace = n.oid AND ranges.relname = $2 || '_ranges'
  LEFT JOIN pg_class l ON l.relnamespace = n.oid AND l.relname = $4
  ${column('k', '$2', 'keys')}
  ${column('p', '$2', 'pat')}
  ${column('d', '$2', 'date_lo')}
  ${column('u', '$2', 'last_updated')}
  ${column('v', "$2 || '_strings'", 'value')}
  ${column('r', "$2 || '_ranges'", 'param')}
WHERE n.nspname = $1`;

function statisticsOf(row: StatisticsRow): TypeStatistics {
  const rows = Math.max(1, row.rows);
  return {
    rows,
    isOutdated: row.is_outdated,
    keys: keyFrequencies(row),
    patients: patientFrequencies(row, rows),
    dates: { bounds: row.dates, missing: row.dates_missing ?? 0 },
    longDates: Math.min(1, Math.max(0, row.long_rows ?? rows) / rows),
    lastUpdated: { bounds: row.updated, missing: 0 },
    strings: {
      perResource: row.string_rows / rows,
      common: frequencies(row.texts ?? [], row.text_frequencies ?? [], 0),
      bounds: row.text_bounds ?? [],
      missing: 0,
    },
    ranges: {
      perResource: row.range_rows / rows,
      params: frequencies(bigints(row.range_values), row.range_frequencies ?? [], UNKNOWN_FREQUENCY),
    },
  };
}

/** ANALYZE counts elements down to a least frequency, and leaves the others out. The list of frequencies ends with three others. */
function keyFrequencies(row: StatisticsRow): Frequencies<bigint> {
  const values = bigints(row.key_values);
  const found = row.key_frequencies ?? [];
  const least = found[values.length];
  return frequencies(values, found, least === undefined ? UNKNOWN_FREQUENCY : least / 2);
}

function patientFrequencies(row: StatisticsRow, rows: number): Frequencies<bigint> {
  const distinct = row.patient_distinct ?? 0;
  // Negative: a part of the rows, because it grows with them.
  const patients = distinct < 0 ? -distinct * rows : distinct;
  const other = patients > 0 ? 1 / patients : UNKNOWN_FREQUENCY;
  return frequencies(bigints(row.patient_values), row.patient_frequencies ?? [], other);
}

function frequencies<Value>(
  values: readonly Value[],
  found: readonly number[],
  other: number,
): Frequencies<Value> {
  return { known: new Map(values.map((value, i) => [value, found[i] ?? other])), other };
}

/** `{1,-2,3}` */
const bigints = (text: string | null): bigint[] =>
  text === null || text === '{}' ? [] : text.slice(1, -1).split(',').map(BigInt);
