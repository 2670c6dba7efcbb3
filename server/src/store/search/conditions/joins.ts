import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { Condition } from '../../../fhir/search/ast.ts';
import type { Key } from '../../index/rows.ts';
import type { ConditionContext } from './context.ts';
import { looked } from './expressions.ts';

/** Writes the condition on what is joined. */
export type Write = (context: ConditionContext, condition: Condition) => string;

/**
 * The joined row is a current resource and satisfies a condition. Where it is looked up for each row, no index must be used
 * on the condition: PostgreSQL, which does not know the values, would gather all rows that satisfy it for the first one.
 */
export function live(context: ConditionContext, condition: Condition, write: Write): string {
  const satisfies = write(context, condition);
  const exists = `${context.alias}.method <> 'D'`;
  if (satisfies === 'true') return exists;
  const isOfRow = !satisfies.includes('SELECT');
  return `${exists} AND ${context.joins === 'probe' && isOfRow ? looked(satisfies) : satisfies}`;
}

/** Paths on which a reference parameter may refer to a type. */
export function pathsTo(
  { index, type }: Pick<ConditionContext, 'index' | 'type'>,
  parameter: SearchParameterDefinition,
  target: string,
): Key[] {
  const paths = index.referencePaths(type, parameter);
  return unique(
    paths.filter((path) => path.target === undefined || path.target === target).map(({ path }) => path),
  );
}

/** Those on which it does so by canonicals, which name a resource by its `url`. */
export function canonicalPaths(
  { index, type }: ConditionContext,
  parameter: SearchParameterDefinition,
): Key[] {
  const slots = index.plan(type, parameter)?.slots ?? [];
  const isCanonical = (fhirType: string) => CANONICAL_TYPES.includes(fhirType);
  return unique(
    slots
      .filter(({ slot }) => slot.resolved?.some((path) => isCanonical(path.type)))
      .map(({ slot }) => slot.path.key),
  );
}

const CANONICAL_TYPES: readonly string[] = ['canonical', 'uri', 'url'];

/** Paths on which resources of the type are named by a canonical. */
export function urlPaths({ index, type }: ConditionContext): Key[] {
  const plan = index.plan(type, 'url');
  return plan?.definition.type === 'uri' ? unique(plan.slots.map(({ slot }) => slot.path.key)) : [];
}

/** A list of keys as a table of one column, `column`. */
export function keysTable({ parameters }: ConditionContext, keys: readonly Key[], column: string): string {
  return `unnest(${parameters.add(keys)}::bigint[]) AS ${column}`;
}

function unique(keys: Key[]): Key[] {
  return [...new Set(keys)];
}
