import type { Condition } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import { canonicalMatch } from './canonicalMatch.ts';
import { joined, type ConditionContext } from './context.ts';
import { anyOf } from './expressions.ts';
import { canonicalPaths, keysTable, live, pathsTo, urlPaths, type Write } from './joins.ts';
import { orderedKeys } from './orderedKeys.ts';
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

/** Whether a patient's rows in the ordered table tell that there is such a resource: of one code, whatever its system. */
export function isCodedHas(
  index: IndexQuery,
  type: string,
  { type: of, parameter, condition }: HasCondition,
): boolean {
  if (type !== 'Patient' || !isPatientColumn(index, of, parameter)) return false;
  return orderedKeys(index, of, condition)?.keys.length === 1;
}

/** One index range of the ordered table; with a system, what it leads to is looked at. */
function codedHas(context: ConditionContext, { type, condition }: HasCondition, write: Write): string {
  const other = joined(context, type);
  const { keys, isExact } = orderedKeys(context.index, type, condition)!;
  const row = context.aliases.next('d');
  const of = `${row}.key = ${context.alias}.self # ${context.parameters.add(keys[0])}::bigint`;
  if (isExact) return `EXISTS (SELECT FROM ${other.tables.ordered} ${row} WHERE ${of})`;
  return `EXISTS (SELECT FROM ${other.tables.ordered} ${row}, ${other.tables.resource} ${other.alias} WHERE ${of} AND ${other.alias}.rid = ${row}.rid AND ${live(other, condition, write)})`;
}

/** The other's patient column has the row's `self`. */
function patientHas(context: ConditionContext, has: HasCondition, write: Write): string {
  const { type, condition } = has;
  if (context.joins === 'probe' && isCodedHas(context.index, context.type, has))
    return codedHas(context, has, write);
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
