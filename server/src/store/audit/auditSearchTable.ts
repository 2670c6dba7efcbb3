import type { Database } from '../postgres/database.ts';
import type { SpanTest } from '../index/spanTest.ts';
import { spanSql } from '../search/conditions/spanSql.ts';
import { SqlParameters } from '../search/sqlParameters.ts';
import { int8Array } from '../resource/binaryArray.ts';
import { storedRow } from './auditTable.ts';
import type { StoredAuditRow } from './auditRow.ts';
import { mayHaveSql, probeOf } from './shownFilter.ts';

/** What rows are found by: they have one of the keys, or show one of the resources. */
export interface Found {
  keys: bigint[];
  /** References without a version, each with its key. */
  shown: { reference: string; key: bigint }[];
}

/** What rows must satisfy: one of each list. */
export interface AuditFilter {
  found: Found[];
  kinds: (readonly number[])[];
  outcomes: (readonly number[])[];
  times: SpanTest[][];
  places: (readonly number[])[];
  beginnings: { of: 'address' | 'agent-name'; texts: readonly string[] }[];
}

/** Where a page ended. */
export interface AuditCursor {
  recordedMs: number;
  place: number;
}

export interface AuditPageQuery {
  filter: AuditFilter;
  /** Newest first, unless ascending. */
  ascending: boolean;
  after?: AuditCursor;
  count: number;
}

/** Members of the payload (audit/encode.ts). */
const MEMBERS = { address: 'a', 'agent-name': 'n' } as const;
const HISTORY = '/_history/';
const COLUMNS = 'place, recorded_ms, kind, outcome, version, keys, payload';

/** Finds rows of the log. */
export class AuditSearchTable {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** @throws FhirError incorrect when it asks for too much, DatabaseError 57014 when it takes too long */
  async page({ filter, ascending, after, count }: AuditPageQuery): Promise<StoredAuditRow[]> {
    const parameters = new SqlParameters();
    const conditions = this.#conditionsOf(filter, parameters);
    if (after !== undefined) {
      const [recorded, place] = [after.recordedMs, after.place].map((value) => parameters.add(value));
      conditions.push(
        `(recorded_ms, place) ${ascending ? '>' : '<'} (${recorded}::bigint, ${place}::bigint)`,
      );
    }
    const direction = ascending ? 'ASC' : 'DESC';
    const text = `SELECT ${COLUMNS} FROM "${this.#schema}".audit_record
      ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
      ORDER BY recorded_ms ${direction}, place ${direction} LIMIT ${parameters.add(count)}::integer`;
    const { rows } = await this.#database.search({ name: '', text, values: parameters.values });
    return rows.map((row) => storedRow(row as never));
  }

  /** How many rows satisfy a filter, before keys are compared. */
  async count(filter: AuditFilter): Promise<number> {
    const parameters = new SqlParameters();
    const conditions = this.#conditionsOf(filter, parameters);
    const text = `SELECT count(*) AS count FROM "${this.#schema}".audit_record
      ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}`;
    const { rows } = await this.#database.search({ name: '', text, values: parameters.values });
    return Number((rows[0] as { count: string }).count);
  }

  #conditionsOf(filter: AuditFilter, parameters: SqlParameters): string[] {
    const { found, ...rest } = filter;
    return [
      ...found.map((one) => foundSql(this.#schema, one, parameters)),
      ...columnConditions(rest, parameters),
    ];
  }
}

/** Rows whose keys the index has, and of batches whose filter has a resource those that show it. */
function foundSql(schema: string, { keys, shown }: Found, parameters: SqlParameters): string {
  const named = `keys && ${parameters.add(int8Array(keys))}::bigint[]`;
  if (shown.length === 0) return named;
  const probes = shown.map(({ key }) => probeOf(key));
  const lows = parameters.add(int8Array(probes.map(({ low }) => low)));
  const steps = parameters.add(int8Array(probes.map(({ step }) => step)));
  const names = parameters.add(shown.map(({ reference }) => JSON.stringify(reference).slice(0, -1)));
  // The text of a row has a reference in quotes, perhaps with its version. Filters first: the planner cannot know how few have it.
  return `place IN (
    SELECT place FROM "${schema}".audit_record WHERE ${named}
    UNION ALL
    SELECT r.place FROM (
      SELECT s.first, s.last, w.name
      FROM unnest(${lows}::bigint[], ${steps}::bigint[], ${names}::text[]) AS w(low, step, name)
        JOIN "${schema}".audit_shown s ON ${mayHaveSql('s.filter', { low: 'w.low', step: 'w.step' })}
      OFFSET 0) b
    CROSS JOIN LATERAL (
      SELECT place, payload FROM "${schema}".audit_record WHERE place BETWEEN b.first AND b.last OFFSET 0) r
    WHERE strpos(r.payload, b.name || '"') > 0 OR strpos(r.payload, b.name || '${HISTORY}') > 0)`;
}

function columnConditions(filter: Omit<AuditFilter, 'found'>, parameters: SqlParameters): string[] {
  const bound = (value: number) => `${parameters.add(wholeMs(value))}::bigint`;
  return [
    ...filter.kinds.map((kinds) => `kind = ANY (${parameters.add(kinds)}::smallint[])`),
    ...filter.outcomes.map((outcomes) => `outcome = ANY (${parameters.add(outcomes)}::smallint[])`),
    ...filter.places.map((places) => `place = ANY (${parameters.add(int8Array(places))}::bigint[])`),
    ...filter.times.map((tests) =>
      anyOf(tests.map((test) => spanSql({ lo: 'recorded_ms', hi: 'recorded_ms', bound }, test))),
    ),
    ...filter.beginnings.map(({ of, texts }) =>
      anyOf(
        texts.map(
          (text) => `starts_with(lower(payload::json ->> '${MEMBERS[of]}'), ${parameters.add(text)})`,
        ),
      ),
    ),
  ];
}

/** Beyond all times of FHIR. */
const MS_MAX = 1e15;

/** The column is a whole number, and its index is only used for such. */
const wholeMs = (value: number): number => Math.round(Math.min(Math.max(value, -MS_MAX), MS_MAX));

const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'false' : `(${conditions.join(' OR ')})`;
