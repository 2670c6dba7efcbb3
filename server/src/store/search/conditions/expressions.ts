import { fhirError } from '../../../fhir/outcome.ts';
import type { Key } from '../../index/rows.ts';
import type { SqlParameters } from '../sqlParameters.ts';
import type { ConditionContext } from './context.ts';

/** Most alternatives of a condition that has no keys: the planner looks at each of them. */
export const ALTERNATIVES_MAX = 1_000;

/** @throws FhirError `incorrect` for more than {@link ALTERNATIVES_MAX} */
export function requireFewAlternatives(count: number): void {
  if (count <= ALTERNATIVES_MAX) return;
  throw fhirError(
    'incorrect',
    'too-costly',
    `The search has a parameter with more than ${ALTERNATIVES_MAX} values: only tokens, references and exact texts and URIs may have more. Split it into several searches.`,
  );
}

/** Any of the conditions; none of them can match nothing. Parenthesized where it has to be. */
export function anyOf(conditions: readonly string[]): string {
  const distinct = [...new Set(conditions)].filter((condition) => condition !== 'false');
  requireFewAlternatives(distinct.length);
  if (distinct.length === 0) return 'false';
  return distinct.length === 1 ? distinct[0]! : `(${distinct.join(' OR ')})`;
}

/**
 * All of the conditions; none of them: everything matches. Parenthesized where it has to be. Conditions stay beside one that
 * is false: PostgreSQL wants to meet every parameter that it gets.
 */
export function allOf(conditions: readonly string[]): string {
  const distinct = [...new Set(conditions)].filter((condition) => condition !== 'true');
  if (distinct.length === 0) return 'true';
  return distinct.length === 1 ? distinct[0]! : `(${distinct.join(' AND ')})`;
}

/** The row's keys hold one of these; no key at all can match nothing. */
export function anyKey({ alias, parameters }: ConditionContext, keys: readonly Key[]): string {
  if (keys.length === 0) return 'false';
  const operator = keys.length === 1 ? '@>' : '&&';
  return `${alias}.keys ${operator} ${parameters.add(keys)}::bigint[]`;
}

/** A condition that is looked at in each row: in this form no index will do for it, though it is estimated as before. */
export const looked = (condition: string): string =>
  condition === 'false' ? condition : `(${condition}) IS TRUE`;

/** A column of keys is one of these. */
export function isKey(parameters: SqlParameters, column: string, keys: readonly Key[]): string {
  if (keys.length === 1) return `${column} = ${parameters.add(keys[0])}::bigint`;
  return `${column} = ANY (${parameters.add(keys)}::bigint[])`;
}

/**
 * One of the resource's rows in a side table satisfies a condition. EXISTS and not IN, because below NOT or OR the planner
 * can then look at the rows of each resource, and need not gather all that match.
 *
 * @param where the condition on a row under the alias it is given
 */
export function sideRow(
  context: ConditionContext,
  table: 'strings' | 'ranges',
  where: (alias: string) => string,
): string {
  const alias = context.aliases.next('s');
  return `EXISTS (SELECT FROM ${context.tables[table]} ${alias} WHERE ${alias}.rid = ${context.alias}.rid AND ${where(alias)})`;
}

/**
 * The parameter of a side row that is looked up by its resource: in this form no index on values will do. Of tables that
 * PostgreSQL knows little about, it would take one for as good as the index on `rid`, and read all values for each resource.
 */
export const paramOfRow = (row: string): string => `(${row}.param # 0)`;
