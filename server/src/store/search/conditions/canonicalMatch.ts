import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { Condition } from '../../../fhir/search/ast.ts';
import { contentJson } from '../content/contentJson.ts';
import { contentUris } from '../content/contentValues.ts';
import type { ConditionContext } from './context.ts';
import { canonicalPaths, keysTable, live, urlPaths, type Write } from './joins.ts';

/** Two types of which the rows of one name the rows of the other by a canonical. */
interface CanonicalJoin {
  /** Whose row the condition is about. */
  row: ConditionContext;
  /** What is joined to it, and must satisfy the condition. */
  other: ConditionContext;
  /** Whichever of the two refers to the other. */
  referring: ConditionContext;
  parameter: SearchParameterDefinition;
  condition: Condition;
}

/**
 * There is a row of the other type that satisfies a condition and is joined by a canonical (http://hl7.org/fhir/R4/references.html#canonical):
 * its `url` and, if the reference has one, its `version`. Keys find the candidates and the contents decide, because keys do
 * not tell a version, nor, where both are of one type, a URL from a reference.
 */
export function canonicalMatch(join: CanonicalJoin, write: Write): string {
  const { row, other, referring, parameter, condition } = join;
  const named = referring === row ? other : row;
  const { aliases } = row;
  const [key, path, url, value, json] = ['k', 'p', 'u', 'v', 'c'].map((prefix) => aliases.next(prefix));
  const values = contentUris(referring, parameter);
  if (!values) return 'false';
  const wanted = `SELECT ${key} # ${url} # ${path} FROM unnest(${row.alias}.keys) AS ${key}, ${keysTable(row, canonicalPaths(referring, parameter), path!)}, ${keysTable(row, urlPaths(named), url!)}`;
  const bare = `split_part(split_part(${value}.value, '#', 1), '|', 1)`;
  const version = `split_part(split_part(${value}.value, '#', 1), '|', 2)`;
  return `EXISTS (SELECT FROM ${other.tables.resource} ${other.alias}, LATERAL (${values.sql}) ${value}, LATERAL (SELECT ${contentJson(named.alias)} AS j OFFSET 0) ${json}
  WHERE ${other.alias}.keys && ARRAY(${wanted}) AND ${bare} = ${json}.j ->> 'url' AND ${version} IN ('', ${json}.j ->> 'version') AND ${live(other, condition, write)})`;
}
