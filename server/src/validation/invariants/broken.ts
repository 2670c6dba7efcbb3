import type { ValidationState } from '../state.ts';
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
