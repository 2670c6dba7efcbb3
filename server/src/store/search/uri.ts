import type { Criterion } from '../../fhir/search/ast.ts';
import { unescapeValue } from '../../fhir/search/split.ts';
import { anyKey, type ConditionContext } from './context.ts';

/** The exact URI (http://hl7.org/fhir/R4/search.html#uri) */
export function uriCondition(context: ConditionContext, criterion: Criterion): string {
  const keys = criterion.values.flatMap((value) =>
    context.index.uriKeys(context.type, criterion.parameter, unescapeValue(value)),
  );
  return anyKey(context, keys);
}
