import { NO_INDEX, type ValidationState } from '../state.ts';
import type { Invariant } from './invariant.ts';

/** Reports an invariant that does not hold for the object at `depth` (empty `name`), or for an element of it. */
export function invariantBroken(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  { key, human, severity }: Invariant,
): void {
  const text = human.replace(/[.\s]+$/, '');
  state.report('invariant', depth, name, index, `${text}: correct the element (${key}).`, severity, key);
}

/** Tells, at the resource, that nobody knows whether an invariant holds. */
export function invariantUnchecked(state: ValidationState, depth: number, key: string, why: string): void {
  const text = `${key} could not be checked, because ${why}: check the resource by other means.`;
  const place = Math.min(depth, state.resourceDepth);
  state.report('invariant-unchecked', place, '', NO_INDEX, text, 'warning', key);
}
