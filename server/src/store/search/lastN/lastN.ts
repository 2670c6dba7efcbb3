import type { Condition } from '../../../fhir/search/ast.ts';
import { fhirError } from '../../../fhir/outcome.ts';
import type { IndexQuery } from '../../index/query.ts';
import { PAGE_BYTES_MAX, pageSql } from '../../pageBytes.ts';
import type { Database, Statement } from '../../postgres/database.ts';
import { int8Array } from '../../resource/binaryArray.ts';
import { storedVersion } from '../../resource/reader.ts';
import { tableNames } from '../../schema/names.ts';
import { conditionSql } from '../conditions/conditionSql.ts';
import { Aliases, contextOf } from '../conditions/context.ts';
import type { PageResource } from '../include/includer.ts';
import { SqlParameters } from '../sqlParameters.ts';
import { orTooCostly } from '../tooCostly.ts';
import { latest, recentFirst, type Candidate } from './latest.ts';

/** Observations that may be looked at as the latest of their codes. */
export const CANDIDATES_MAX = 20_000;

const TYPE = 'Observation';

export interface LastNPage {
  matches: PageResource[];
  /** Number of all that belong to the answer. */
  total: number;
  /** The last one of the page, where others follow. */
  next?: Candidate;
}

export interface LastNParts {
  database: Database;
  schema: string;
  index: IndexQuery;
  /** Resource types that have tables. */
  types: { existing(): Promise<string[]> };
}

/** Finds the latest observations of each code. */
export class LastNReader {
  readonly #parts: LastNParts;

  constructor(parts: LastNParts) {
    this.#parts = parts;
  }

  /**
   * A page of the latest `max` of each code among the observations that satisfy the conditions.
   *
   * @param after the last one of the page before
   * @throws FhirError `unprocessable` when too many come into question, `busy` when it takes too long
   */
  async page(
    conditions: readonly Condition[],
    max: number,
    count: number,
    after?: Candidate,
  ): Promise<LastNPage> {
    const existing = new Set(await this.#parts.types.existing());
    if (!existing.has(TYPE)) return { matches: [], total: 0 };
    const statement = candidatesStatement(this.#parts, conditions, max, (type) => existing.has(type));
    const { rows } = await orTooCostly(this.#parts.database.search(statement));
    if (rows.length > CANDIDATES_MAX) throw tooMany();
    const all = latest((rows as unknown as CandidateRow[]).map(candidateOf), max);
    const rest = after === undefined ? all : all.filter((one) => recentFirst(one, after) > 0);
    const wanted = rest.slice(0, count);
    const matches = await this.#read(wanted);
    const last = wanted[matches.length - 1];
    return { matches, total: all.length, ...(matches.length < rest.length && last && { next: last }) };
  }

  /** In the given order; fewer where the page would grow too large. */
  async #read(candidates: readonly Candidate[]): Promise<PageResource[]> {
    if (candidates.length === 0) return [];
    const columns = 'id, version, last_updated, method';
    const found = `SELECT p.place, m.id, m.version, m.last_updated, m.method, m.content
FROM unnest($1::bigint[]) WITH ORDINALITY p(rid, place) JOIN ${tableNames(this.#parts.schema, TYPE).resource} m USING (rid)`;
    const text = pageSql(found, columns, 'place', '$2');
    const values = [int8Array(candidates.map(({ rid }) => rid)), PAGE_BYTES_MAX];
    const { rows } = await orTooCostly(this.#parts.database.search({ name: '', text, values }));
    return rows.filter((row) => row.fits).map((row) => ({ ...storedVersion(row as never), type: TYPE }));
  }
}

interface CandidateRow {
  rid: string;
  code: string;
  date_hi: Date | number | null;
  date_lo: Date | number | null;
}

const candidateOf = ({ rid, code, date_hi: hi, date_lo: lo }: CandidateRow): Candidate => ({
  rid: Number(rid),
  code,
  hiMs: hi === null ? null : Number(hi),
  loMs: lo === null ? null : Number(lo),
});

/**
 * The latest of each code as it is written. Which codes mean the same cannot be said in SQL; but the latest of several
 * codes together are among the latest of each.
 */
export function candidatesStatement(
  { schema, index }: Pick<LastNParts, 'schema' | 'index'>,
  conditions: readonly Condition[],
  max: number,
  hasTable: (type: string) => boolean,
): Statement {
  const parameters = new SqlParameters();
  const shared = { schema, index, parameters, aliases: new Aliases(), nowMs: Date.now(), hasTable };
  const context = contextOf(shared, TYPE, 'm');
  const where = ["m.method <> 'D'", ...conditions.map((condition) => conditionSql(context, condition))];
  const text = `SELECT rid, code, date_hi, date_lo FROM (
  SELECT m.rid, c.code, m.date_hi, m.date_lo, rank() OVER (
    PARTITION BY c.code ORDER BY m.date_hi DESC NULLS LAST, m.date_lo DESC NULLS LAST, CASE WHEN m.date_hi IS NULL THEN m.rid END DESC) AS place
  FROM ${context.tables.resource} m CROSS JOIN LATERAL (SELECT (m.content::json -> 'code')::text AS code OFFSET 0) c
  WHERE ${where.join(' AND ')}) r
WHERE place <= ${parameters.add(max)} LIMIT ${parameters.add(CANDIDATES_MAX + 1)}`;
  return { name: '', text, values: parameters.values };
}

function tooMany() {
  const text = `More than ${CANDIDATES_MAX} observations come into question: ask for a smaller max, a category, a code or a period (date).`;
  return fhirError('unprocessable', 'too-costly', text);
}
