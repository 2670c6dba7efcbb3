import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { ElementConstraint, StructureElement } from '../../../fhir/structures/structure.ts';

/** An element of a base with what a differential says of it. Constraints add up, all else is said anew. */
export function merged(base: StructureElement, changes: StructureElement): StructureElement {
  const element = { ...base, ...changes, path: base.path };
  if (changes.constraint) element.constraint = constraints(base.constraint ?? [], changes.constraint);
  if (changes.binding && base.binding) element.binding = { ...base.binding, ...changes.binding };
  // A fixed value takes the place of a pattern that the base had, and the other way round.
  if (changes.fixed && !changes.pattern) delete element.pattern;
  return element;
}

function constraints(
  base: readonly ElementConstraint[],
  own: readonly ElementConstraint[],
): ElementConstraint[] {
  const keys = new Set(own.map(({ key }) => key));
  return [...base.filter(({ key }) => !keys.has(key)), ...own];
}

/** A copy of an element as a slice that is not constrained yet: the cardinality of all is not that of each. */
export function newSlice(copy: ElementNode, sliceName: string): ElementNode {
  const { slicing: _slicing, ...element } = copy.element;
  return { ...copy, element: { ...element, sliceName, min: 0 }, slices: [] };
}
