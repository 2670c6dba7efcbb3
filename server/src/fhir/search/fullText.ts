import type { Condition } from './ast.ts';

/** Whether a condition gives its matches a score: full text of the resource itself, not of one it refers to. */
export function hasFullText(condition: Condition): boolean {
  if (condition.kind === 'and' || condition.kind === 'or') return condition.conditions.some(hasFullText);
  return condition.kind === 'full-text';
}
