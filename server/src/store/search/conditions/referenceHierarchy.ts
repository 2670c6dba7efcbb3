import type { Condition } from '../../../fhir/search/ast.ts';
import { joined, type ConditionContext } from './context.ts';
import { anyKey } from './expressions.ts';
import { keysTable, pathsTo } from './joins.ts';

type HierarchyCondition = Extract<Condition, { kind: 'reference-hierarchy' }>;

/**
 * `:above` and `:below` of references (http://hl7.org/fhir/R4/search.html#recursive): the row refers to one of the given
 * resources, or to one above (below) them. Each resource is met once, so that a cycle ends; how many there may be is not
 * limited but by the time that the statement has.
 */
export function referenceHierarchyCondition(
  context: ConditionContext,
  condition: HierarchyCondition,
): string {
  const { index, parameters, alias } = context;
  const { type, references, parameter } = condition;
  const paths = pathsTo(context, parameter, type);
  if (paths.length === 0) return 'false';
  const starts = [...new Set(references.flatMap(({ value }) => index.referenceTargets(type, value)))];
  if (!context.hasTable(type)) {
    return anyKey(
      context,
      paths.flatMap((path) => starts.map((start) => start ^ path)),
    );
  }
  const found = context.aliases.next('h');
  const step = stepSql(joined(context, type), found, condition);
  return `${alias}.keys && ARRAY(WITH RECURSIVE ${found}(self) AS (
  SELECT unnest(${parameters.add(starts)}::bigint[]) UNION ${step})
  SELECT ${found}.self # p FROM ${found}, ${keysTable(context, paths, 'p')})`;
}

/** From the resources that were found to those one step further. */
function stepSql(
  context: ConditionContext,
  found: string,
  { direction, type, by }: HierarchyCondition,
): string {
  const { alias, tables, aliases } = context;
  const paths = keysTable(context, pathsTo(context, by, type), 'p');
  if (direction === 'below') {
    return `SELECT ${alias}.self FROM ${found}, ${paths}, ${tables.resource} ${alias} WHERE ${alias}.keys @> ARRAY[${found}.self # p]`;
  }
  // Keys of other paths lead to no resource: only those that do are followed.
  const child = aliases.next('t');
  return `SELECT ${alias}.self FROM ${found}, ${tables.resource} ${child}, unnest(${child}.keys) AS k, ${paths}, ${tables.resource} ${alias}
  WHERE ${child}.self = ${found}.self AND ${alias}.self = k # p AND ${alias}.method <> 'D'`;
}
