import type { Condition } from '../../../fhir/search/ast.ts';
import type { IndexQuery, OrderedKeys } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';

/** Where the ordered table holds what has one of a few tokens; undefined where it does not. */
export function orderedKeys(index: IndexQuery, type: string, condition: Condition): OrderedKeys | undefined {
  if (condition.kind !== 'token') return undefined;
  const found = new Set<Key>();
  let isExact = true;
  for (const token of condition.tokens) {
    const held = index.orderedKeys(type, condition.parameter, token);
    if (held === undefined) return undefined;
    for (const key of held.keys) found.add(key);
    isExact &&= held.isExact;
  }
  return found.size === 0 ? undefined : { keys: [...found], isExact };
}
