import type { Criterion } from '../../fhir/search/ast.ts';
import { unescapeValue } from '../../fhir/search/split.ts';
import type { ConditionContext } from './context.ts';

/** `_id=a,b` (http://hl7.org/fhir/R4/search.html#id) */
export function idCondition(context: ConditionContext, criterion: Criterion): string {
  return `m.id = ANY (${context.parameters.add(criterion.values.map(unescapeValue))}::text[])`;
}
