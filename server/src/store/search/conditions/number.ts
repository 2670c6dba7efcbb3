import type { Condition } from '../../../fhir/search/ast.ts';
import { numberTest } from '../../index/spanTest.ts';
import type { ConditionContext } from './context.ts';
import { rangeRow } from './rangeRow.ts';

/** Numbers (http://hl7.org/fhir/R4/search.html#number): at least one of the parameter's values satisfies a comparison. */
export function numberCondition(
  context: ConditionContext,
  { parameter, comparisons }: Extract<Condition, { kind: 'date' | 'number' }>,
): string {
  const params = context.index.rangeParams(context.type, parameter);
  return rangeRow(context, params, undefined, comparisons.map(numberTest));
}
