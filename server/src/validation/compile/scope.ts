import type { Definitions, ElementDefinition } from '../../fhir/definitions/types.ts';
import type { ExtensionParts } from '../extensions/checkExtensions.ts';
import type { InvariantsAt } from '../invariants/invariant.ts';
import { identifier } from './source.ts';

/**
 * The names that the code of one unit uses: what it takes from the library of checks, and the functions that it
 * defines itself.
 */
export interface UnitScope {
  readonly definitions: Definitions;
  /** Data types whose check the code calls. */
  readonly usedTypes: Set<string>;
  /** Primitive types whose format the code checks. */
  readonly usedFormats: Set<string>;
  readonly invariantsAt: InvariantsAt;
  readonly structureOnly: boolean;
  /** Values that the code uses, by their number in it. */
  readonly constants: unknown[];
  /** The numbers of those that several places share. */
  readonly shared: Map<string, number>;
}

/** What is checked besides the structure of a type. */
export interface Weaving {
  invariants?: InvariantsAt;
  /** Nothing but the structure: elements, JSON types, cardinality, formats. */
  structureOnly?: boolean;
  /** What extensions are checked by besides R4's definitions. */
  extensions?: Omit<ExtensionParts, 'codesOf'>;
}

export function newScope(
  definitions: Definitions,
  { invariants = () => [], structureOnly = false }: Weaving,
): UnitScope {
  const invariantsAt: InvariantsAt = structureOnly ? () => [] : invariants;
  return {
    definitions,
    usedTypes: new Set(),
    usedFormats: new Set(),
    invariantsAt,
    structureOnly,
    constants: [],
    shared: new Map(),
  };
}

/**
 * The name of a value that the code uses.
 *
 * @param key places with the same key share what `make` makes
 */
export function constant(scope: UnitScope, key: string, make: () => unknown): string {
  let number = scope.shared.get(key);
  if (number === undefined) {
    number = scope.constants.push(make()) - 1;
    scope.shared.set(key, number);
  }
  return constantName(number);
}

export const constantName = (number: number): string => `k${number}`;

/** The name of the function that checks a data type, or, for a resource type, whatever resource stands there. */
export function typeFunction(scope: UnitScope, type: string): string {
  const name = scope.definitions.type(type)?.kind === 'resource' ? 'Resource' : type;
  scope.usedTypes.add(name);
  return identifier('check', name);
}

/** The name of the function that checks the backbone element at a path of this unit. */
export function backboneFunction(path: string): string {
  return identifier('check', path);
}

/** The name of the function that tells whether a value is a faultless one of a primitive type. */
export function formatFunction(scope: UnitScope, type: string): string {
  scope.usedFormats.add(type);
  return identifier('is', type);
}

export function isPrimitive(scope: UnitScope, type: string): boolean {
  return scope.definitions.type(type)?.kind === 'primitive-type';
}

/** True if XML writes the element as an attribute, so that it has no extensions and JSON no `_name` for it. */
export function isAttribute(element: ElementDefinition, inResource: boolean): boolean {
  const type = element.types[0]?.code;
  return type === 'xhtml' || (element.name === 'id' && !inResource) || element.path === 'Extension.url';
}
