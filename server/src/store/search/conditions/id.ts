import type { Condition } from '../../../fhir/search/ast.ts';
import type { ConditionContext } from './context.ts';

/** `_id` (http://hl7.org/fhir/R4/search.html#id): found by the hash of `Type/id`, decided by the id. */
export function idCondition(
  { type, alias, index, parameters }: ConditionContext,
  { ids }: Extract<Condition, { kind: 'id' }>,
): string {
  const selves = parameters.add(ids.map((id) => index.selfKey(type, id)));
  return `(${alias}.self = ANY (${selves}::bigint[]) AND ${alias}.id = ANY (${parameters.add(ids)}::text[]))`;
}
