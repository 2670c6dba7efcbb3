import { cloned, type ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { ElementConstraint, StructureElement } from '../../../fhir/structures/structure.ts';

/** An element of a base with what a differential says of it. Constraints add up, all else is said anew. */
export function merged(base: StructureElement, changes: StructureElement): StructureElement {
  const element = { ...base, ...changes, path: base.path };
  if (changes.constraint) element.constraint = constraints(base.constraint ?? [], changes.constraint);
  // An extension is no code: what is bound is said where its value is defined.
  if (element.type?.[0]?.code === 'Extension') delete element.binding;
  else if (changes.binding && base.binding) {
    element.binding = { ...base.binding, ...changes.binding };
    if (changes.binding.valueSet !== undefined && !changes.binding.contained)
      delete element.binding.contained;
    // Who binds to another value set says its bound anew, as the snapshots of HL7's packages have it.
    if (changes.binding.valueSet !== undefined && changes.binding.maxValueSet === undefined)
      delete element.binding.maxValueSet;
  }
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

/**
 * An element as a slice that is not constrained yet: the cardinality of all is not that of each. What stands below it is
 * copied where it is the element's own; below a data type it is asked of all slices already.
 */
export function newSlice({ name, element, children }: ElementNode, sliceName: string): ElementNode {
  const { slicing: _slicing, ...rest } = element;
  const isOwn = OWN_ELEMENTS.has(element.type?.[0]?.code ?? 'Element');
  return {
    name,
    element: { ...rest, sliceName, min: 0 },
    children: isOwn ? children.map(cloned) : [],
    slices: [],
  };
}

const OWN_ELEMENTS: ReadonlySet<string> = new Set(['BackboneElement', 'Element']);
