import type { Condition } from '../../../fhir/search/ast.ts';
import { canonicalMatch } from './canonicalMatch.ts';
import { joined, type ConditionContext } from './context.ts';
import { anyOf } from './expressions.ts';
import { canonicalPaths, keysTable, live, pathsTo, urlPaths, type Write } from './joins.ts';
import { isPatientColumn } from './patientColumn.ts';

type HasCondition = Extract<Condition, { kind: 'has' }>;

/**
 * Reverse chaining (http://hl7.org/fhir/R4/search.html#has): a resource of another type that satisfies a condition refers to
 * the row.
 */
export function hasCondition(context: ConditionContext, condition: HasCondition, write: Write): string {
  const { type, parameter } = condition;
  if (!context.hasTable(type)) return 'false';
  if (context.type === 'Patient' && isPatientColumn(context.index, type, parameter)) {
    return patientHas(context, condition, write);
  }
  return anyOf([literalHas(context, condition, write), canonicalHas(context, condition, write)]);
}

/** The other's patient column has the row's `self`. */
function patientHas(context: ConditionContext, { type, condition }: HasCondition, write: Write): string {
  const other = joined(context, type);
  return `EXISTS (SELECT FROM ${other.tables.resource} ${other.alias} WHERE ${other.alias}.pat = ${context.alias}.self AND ${live(other, condition, write)})`;
}

function literalHas(
  context: ConditionContext,
  { type, parameter, condition }: HasCondition,
  write: Write,
): string {
  const other = joined(context, type);
  const paths = pathsTo(other, parameter, context.type);
  if (paths.length === 0) return 'false';
  const path = context.aliases.next('p');
  const from = `${other.tables.resource} ${other.alias}, ${keysTable(context, paths, path)}`;
  if (context.joins === 'probe') {
    return `EXISTS (SELECT FROM ${from} WHERE ${other.alias}.keys @> ARRAY[${context.alias}.self # ${path}] AND ${live(other, condition, write)})`;
  }
  const key = context.aliases.next('k');
  // What other paths have becomes the key of nothing.
  return `EXISTS (SELECT FROM ${from}, unnest(${other.alias}.keys) AS ${key} WHERE ${key} # ${path} = ${context.alias}.self AND ${live(other, condition, write)})`;
}

/** Those that canonicals name are few (questionnaires, value sets), so each looks for what refers to it. */
function canonicalHas(
  context: ConditionContext,
  { type, parameter, condition }: HasCondition,
  write: Write,
): string {
  const other = joined(context, type);
  if (canonicalPaths(other, parameter).length === 0 || urlPaths(context).length === 0) return 'false';
  return canonicalMatch({ row: context, other, referring: other, parameter, condition }, write);
}
