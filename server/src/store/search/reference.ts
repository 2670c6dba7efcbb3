import type { Criterion } from '../../fhir/search/ast.ts';
import { unescapeValue } from '../../fhir/search/split.ts';
import { anyKey, type ConditionContext } from './context.ts';

/** `id`, `Type/id` or an absolute URL (http://hl7.org/fhir/R4/search.html#reference) */
export function referenceCondition(context: ConditionContext, criterion: Criterion): string {
  const { type, index, parameters } = context;
  const keys: string[] = [];
  for (const value of criterion.values) {
    // An id alone has a key for each type that it may be of.
    for (const key of index.referenceKeys(type, criterion.parameter, unescapeValue(value))) keys.push(key);
    parameters.require(keys.length);
  }
  return anyKey(context, keys);
}
