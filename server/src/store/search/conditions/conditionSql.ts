import type { Condition } from '../../../fhir/search/ast.ts';
import { chainCondition } from './chain.ts';
import { compartmentCondition } from './compartment.ts';
import { compositeCondition } from './composite.ts';
import type { ConditionContext } from './context.ts';
import { dateCondition, lastUpdatedCondition } from './date.ts';
import { allOf, anyKey, anyOf } from './expressions.ts';
import { fullTextCondition } from './fullText.ts';
import { hasCondition } from './has.ts';
import { idCondition } from './id.ts';
import { keyTerms } from './keyTerms.ts';
import { listCondition } from './list.ts';
import { missingCondition } from './missing.ts';
import { nearCondition } from './near.ts';
import { numberCondition } from './number.ts';
import { ofPatientsCondition } from './ofPatients.ts';
import { quantityCondition } from './quantity.ts';
import { referenceHierarchyCondition } from './referenceHierarchy.ts';
import { stringCondition } from './string.ts';
import { tokenTextCondition } from './tokenText.ts';
import { uriCondition } from './uri.ts';

/**
 * What a condition means for a row of the context's type, as a boolean SQL expression that can stand between ANDs. It is
 * never NULL, so that NOT turns it round. A deleted resource has no keys and no side rows, but may satisfy a condition: the
 * statement excludes them.
 *
 * @throws FhirError `incorrect` for a search that asks for too much
 */
export function conditionSql(context: ConditionContext, condition: Condition): string {
  const keys = keyTerms(context, condition);
  if (keys) return anyKey(context, keys);
  switch (condition.kind) {
    case 'and':
      return allOf(condition.conditions.map((part) => conditionSql(context, part)));
    case 'or':
      return anyOf(condition.conditions.map((part) => conditionSql(context, part)));
    case 'not':
      return notSql(conditionSql(context, condition.condition));
    case 'constant':
      return String(condition.value);
    case 'chain':
      return chainCondition(context, condition, conditionSql);
    case 'has':
      return hasCondition(context, condition, conditionSql);
    default:
      return leafSql(context, condition);
  }
}

function notSql(condition: string): string {
  if (condition === 'true') return 'false';
  return condition === 'false' ? 'true' : `NOT (${condition})`;
}

function leafSql(context: ConditionContext, condition: Condition): string {
  switch (condition.kind) {
    case 'id':
      return idCondition(context, condition);
    case 'last-updated':
      return lastUpdatedCondition(context, condition);
    case 'missing':
      return missingCondition(context, condition);
    case 'token-text':
      return tokenTextCondition(context, condition);
    case 'string':
      return stringCondition(context, condition);
    case 'uri':
      return uriCondition(context, condition);
    case 'date':
      return dateCondition(context, condition);
    case 'number':
      return numberCondition(context, condition);
    case 'quantity':
      return quantityCondition(context, condition);
    case 'reference-hierarchy':
      return referenceHierarchyCondition(context, condition);
    case 'composite':
      return compositeCondition(context, condition);
    case 'near':
      return nearCondition(context, condition);
    case 'list':
      return listCondition(context, condition);
    case 'full-text':
      return fullTextCondition(context, condition);
    case 'compartment':
      return compartmentCondition(context, condition);
    case 'of-patients':
      return ofPatientsCondition(context, condition);
    default:
      throw new Error(`a ${condition.kind} condition is a matter of keys`);
  }
}
