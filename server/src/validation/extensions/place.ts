import { elementsBelow, nameWithType } from '../../fhir/definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../../fhir/definitions/types.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import { isObject, NO_INDEX, type ValidationState } from '../state.ts';

/** What is known of the element at a place. */
export interface Place {
  /**
   * The names by which a definition may mean it (http://hl7.org/fhir/R4/defining-extensions.html#context): its type and the types that this is
   * based on, and its path from each type around it (`Patient.name.given`, `HumanName.given`).
   */
  names: ReadonlySet<string>;
  /** Name of its type, or path of an element with elements of its own: where FHIRPath about it begins. */
  shape: string;
}

/** The element at `depth`; undefined where it is not as it is defined, which has been reported. */
export function placeAt(definitions: Definitions, state: ValidationState, depth: number): Place | undefined {
  const { resource, resourceDepth } = state;
  let type = String(resource.resourceType);
  let path = type;
  let value: unknown = resource;
  /** Paths of this element, one from each type that it is in. */
  let paths = [type];
  for (let step = resourceDepth; step < depth; step++) {
    const element = elementNamed(definitions, path, state.names[step]!);
    if (!element || !isObject(value)) return undefined;
    const found = typeAt(element, value);
    value = childAt(element, found, value, state.indexes[step] ?? NO_INDEX);
    paths = [...paths.map((outer) => `${outer}.${element.name}`)];
    type = found;
    path = element.contentReference ?? (element.children ? element.path : found);
    if (path === found) paths.push(found);
    else if (element.contentReference) paths.push(path);
  }
  const names = new Set(paths);
  for (const name of paths.filter((one) => !one.includes('.'))) addAncestors(definitions, name, names);
  if (!path.includes('.')) addAncestors(definitions, path, names);
  else addAncestors(definitions, type === '' ? 'BackboneElement' : type, names);
  return { names, shape: path };
}

function elementNamed(definitions: Definitions, path: string, name: string): ElementDefinition | undefined {
  return elementsBelow(definitions, path).find((element) => element.name === name);
}

/** The type that a value has been written with. */
function typeAt(element: ElementDefinition, parent: JsonObject): string {
  const [first, ...others] = element.types;
  if (first === undefined || others.length === 0) return first?.code ?? '';
  const used = element.types.find(({ code }) => {
    const name = nameWithType(element, code);
    return name in parent || `_${name}` in parent;
  });
  return (used ?? first).code;
}

function childAt(element: ElementDefinition, type: string, parent: JsonObject, index: number): unknown {
  const name = nameWithType(element, type);
  const value = parent[name] ?? parent[`_${name}`];
  const item: unknown = index !== NO_INDEX && Array.isArray(value) ? value[index] : value;
  // Below a primitive stand only its id and extensions.
  if (isObject(item)) return item;
  const sibling = parent[`_${name}`];
  return index !== NO_INDEX && Array.isArray(sibling) ? sibling[index] : sibling;
}

function addAncestors(definitions: Definitions, type: string, names: Set<string>): void {
  for (let at = definitions.type(type); at; at = at.base ? definitions.type(at.base) : undefined) {
    names.add(at.name);
  }
}
