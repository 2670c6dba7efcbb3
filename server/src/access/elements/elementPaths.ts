import { nameWithType } from '../../fhir/definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../../fhir/definitions/types.ts';
import { childElements } from '../../fhir/path/resolvePath.ts';

/** Names of JSON properties from a resource down to an element: `['contact', 'name', 'family']`. */
export type ElementPath = readonly string[];

/**
 * The JSON properties that a field of a policy names: `name.family`, also with the type before it (`Patient.name.family`). A
 * choice is named with its type (`valueQuantity`), or without for all (`value`, `value[x]`).
 *
 * @returns none where the type has no such element
 */
export function elementPaths(definitions: Definitions, type: string, field: string): ElementPath[] {
  const names = field.split('.');
  if (names[0] === type) names.shift();
  const elements = definitions.type(type)?.elements;
  return elements && names.length > 0 ? pathsBelow(definitions, elements, names) : [];
}

function pathsBelow(
  definitions: Definitions,
  elements: readonly ElementDefinition[],
  [name = '', ...rest]: readonly string[],
): ElementPath[] {
  return named(elements, name).flatMap(([element, type]) => {
    const property = nameWithType(element, type);
    if (rest.length === 0) return [[property]];
    const below = childElements(definitions, element, type) ?? [];
    return pathsBelow(definitions, below, rest).map((path) => [property, ...path]);
  });
}

/** The elements of a name, each with a type that it may have. */
function named(elements: readonly ElementDefinition[], name: string): [ElementDefinition, string][] {
  return elements.flatMap((element) => {
    const types = element.types.map(({ code }) => code);
    if (!element.choice) return element.name === name ? [[element, types[0] ?? '']] : [];
    const chosen = types.filter((type) => nameWithType(element, type) === name);
    const isStem = name === element.name || name === `${element.name}[x]`;
    return (isStem ? types : chosen).map((type): [ElementDefinition, string] => [element, type]);
  });
}

/** Whether a path leads to another's element or to one that it stands in. */
export function isWithin(path: ElementPath, ancestor: ElementPath): boolean {
  return ancestor.length <= path.length && ancestor.every((name, i) => path[i] === name);
}

/** Whether two paths have an element in common: one leads to the other's or into it. */
export function overlap(a: ElementPath, b: ElementPath): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

/** Elements that are in all of the sets: each set has what its paths lead to, with all below. Of no sets: none. */
export function inAll(sets: readonly (readonly ElementPath[])[]): ElementPath[] {
  const [first = [], ...others] = sets;
  return others.reduce<ElementPath[]>(
    (common, set) =>
      distinct([
        ...common.filter((path) => set.some((other) => isWithin(path, other))),
        ...set.filter((path) => common.some((other) => isWithin(path, other))),
      ]),
    [...first],
  );
}

/** Each path once. */
export function distinct(paths: readonly ElementPath[]): ElementPath[] {
  return [...new Map(paths.map((path) => [path.join('.'), path])).values()];
}
