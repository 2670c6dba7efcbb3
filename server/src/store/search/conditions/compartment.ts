import type { Condition } from '../../../fhir/search/ast.ts';
import type { ConditionContext } from './context.ts';
import { anyKey, anyOf } from './expressions.ts';
import { idCondition } from './id.ts';
import { compartmentKeys } from './keyTerms.ts';

/** In a compartment (http://hl7.org/fhir/R4/compartmentdefinition.html), of which it may be the centre itself. */
export function compartmentCondition(
  context: ConditionContext,
  condition: Extract<Condition, { kind: 'compartment' }>,
): string {
  const refers = anyKey(context, compartmentKeys(context, condition));
  if (!condition.self) return refers;
  const isCentre = context.type === condition.type;
  return anyOf([refers, isCentre ? idCondition(context, { kind: 'id', ids: [condition.id] }) : 'false']);
}
