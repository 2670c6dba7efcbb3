import type { TypeSearch } from '../../fhir/search/ast.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Key } from '../index/rows.ts';
import type { QueryResult, Statement } from '../postgres/database.ts';
import { int8Array } from '../resource/binaryArray.ts';
import { tableNames } from '../schema/names.ts';
import { keyTerms } from '../search/conditions/keyTerms.ts';
import { asMatch, type CriteriaMatch, type MatchRow } from '../search/criteriaMatches.ts';
import { SqlParameters } from '../search/sqlParameters.ts';
import { orTooCostly } from '../search/tooCostly.ts';

type Run = (statement: Statement) => Promise<QueryResult>;

/** Keys that one statement looks up: fewer where it brings contents, each of which may be large. */
const KEYS_MAX = 1_000;
const KEYS_WITH_CONTENT_MAX = 50;

/** Finds the matches of many criteria at once, where one key answers each: an identifier with its system, a reference. */
export class KeyedMatches {
  readonly #schema: string;
  readonly #index: IndexQuery;

  constructor(schema: string, index: IndexQuery) {
    this.#schema = schema;
    this.#index = index;
  }

  /** The key that a resource has if and only if it satisfies the criteria; undefined where they ask for something else. */
  keyOf({ type, conditions }: TypeSearch): Key | undefined {
    const [only, ...others] = conditions;
    if (!only || others.length > 0) return undefined;
    const keys = keyTerms({ type, index: this.#index, parameters: new SqlParameters() }, only);
    return keys?.length === 1 ? keys[0] : undefined;
  }

  /**
   * Some of the resources of a type, which has tables, with each of the keys.
   *
   * @param limit most of each key
   * @throws FhirError `busy` when it takes too long
   */
  async find(
    type: string,
    keys: readonly Key[],
    { limit, withContent = false }: { limit: number; withContent?: boolean },
    run: Run,
  ): Promise<Map<Key, CriteriaMatch[]>> {
    const columns = ['id', 'version', 'last_updated', ...(withContent ? ['content'] : [])].join(', ');
    const text = `SELECT k.key, m.* FROM unnest($1::bigint[]) AS k(key) CROSS JOIN LATERAL (
      SELECT ${columns} FROM ${tableNames(this.#schema, type).resource}
      WHERE keys @> ARRAY[k.key] AND method <> 'D' LIMIT $2::bigint) m`;
    const name = `keyed-${withContent ? 'content-' : ''}${type}`;
    const atOnce = withContent ? KEYS_WITH_CONTENT_MAX : KEYS_MAX;
    const found = new Map<Key, CriteriaMatch[]>();
    for (let at = 0; at < keys.length; at += atOnce) {
      const values = [int8Array(keys.slice(at, at + atOnce)), limit];
      const { rows } = await orTooCostly(run({ name, text, values }));
      for (const row of rows as unknown as (MatchRow & { key: string })[]) {
        const key = BigInt(row.key);
        const matches = found.get(key);
        if (matches) matches.push(asMatch(row));
        else found.set(key, [asMatch(row)]);
      }
    }
    return found;
  }
}
