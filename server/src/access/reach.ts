import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../fhir/search/ast.ts';
import type { Reach } from './access.ts';

/** What is in all of them; of none, everything. */
export function allOf(reaches: readonly Reach[]): Reach {
  return combined('and', reaches);
}

/** What is in one of them; of none, nothing. */
export function anyOf(reaches: readonly Reach[]): Reach {
  return combined('or', reaches);
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
    for (const part of parts) {
      if (!conditions.some((known) => isDeepStrictEqual(known, part))) conditions.push(part);
    }
  }
  if (conditions.length === 0) return neutral;
  return conditions.length === 1 ? conditions[0]! : { kind, conditions };
}
