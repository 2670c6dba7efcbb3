import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../fhir/search/ast.ts';
import type { Reach } from './access.ts';

/** What is in all of them; of none, everything. */
export function allOf(reaches: readonly Reach[]): Reach {
  return combined('and', reaches);
}

/**
 * What is in one of them; of none, nothing. What all have in common is asked once, beside the rest: a search can go by that,
 * and by no alternative.
 */
export function anyOf(reaches: readonly Reach[]): Reach {
  const any = combined('or', reaches);
  if (typeof any === 'boolean' || any.kind !== 'or') return any;
  const alternatives = any.conditions.map(partsOf);
  const [first = [], ...others] = alternatives;
  const common = first.filter((part) => others.every((parts) => has(parts, part)));
  if (common.length === 0) return any;
  const rests = alternatives.map((parts) => allOf(parts.filter((part) => !has(common, part))));
  return allOf([...common, anyOf(rests)]);
}

function combined(kind: 'and' | 'or', reaches: readonly Reach[]): Reach {
  /** What says nothing in such a combination. */
  const neutral = kind === 'and';
  const conditions: Condition[] = [];
  for (const reach of reaches) {
    const one = typeof reach !== 'boolean' && reach.kind === 'constant' ? reach.value : reach;
    if (one === neutral) continue;
    if (typeof one === 'boolean') return one;
    const parts = one.kind === kind ? one.conditions : [one];
    for (const part of parts) if (!has(conditions, part)) conditions.push(part);
  }
  if (conditions.length === 0) return neutral;
  return conditions.length === 1 ? conditions[0]! : { kind, conditions };
}

const partsOf = (condition: Condition): Condition[] =>
  condition.kind === 'and' ? condition.conditions : [condition];

const has = (conditions: readonly Condition[], wanted: Condition): boolean =>
  conditions.some((one) => isDeepStrictEqual(one, wanted));
