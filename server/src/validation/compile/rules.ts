import type { ElementDefinition } from '../../fhir/definitions/types.ts';
import { listedCodes, RULED_CODES, type BoundCodes } from '../codes/boundCodes.ts';
import type { ReferenceTargets } from '../references/checkReference.ts';
import { elementInvariants } from './invariants.ts';
import { constant, type UnitScope } from './scope.ts';
import { quoted } from './source.ts';

/** Types that a binding is about. */
const CODED_TYPES: ReadonlySet<string> = new Set(['Coding', 'CodeableConcept']);

/** Types that have a code and its system. */
const OWN_CODE_TYPES: ReadonlySet<string> = new Set([
  'Coding',
  'Quantity',
  'Age',
  'Count',
  'Distance',
  'Duration',
]);

/** A type of value, with what the code knows about its place. */
export interface ValuePlace {
  element: ElementDefinition;
  type: string;
  /** Expression of the value. */
  value: string;
  /** Expression of its array index, or `-1`. */
  index: string;
}

/** Code of what an element adds to its type: the binding, the targets of a reference, invariants. The value has the right JSON type. */
export function elementRules(scope: UnitScope, { element, type, value, index }: ValuePlace): string[] {
  if (scope.structureOnly) return [];
  const name = quoted(element.name);
  return [
    ...(type === 'Reference' ? [referenceCode(scope, element, value, index)] : []),
    ...(CODED_TYPES.has(type) ? codedCode(scope, element, value, index) : []),
    ...(type === 'code' ? codeCode(scope, element, value, index) : []),
    ...(CODED_TYPES.has(type) || type === 'code' ? extensibleCode(element, value, index) : []),
    ...(OWN_CODE_TYPES.has(type) ? [thoroughly('askOwnCode', name, value, index)] : []),
    ...(type === 'Identifier' ? [thoroughly('checkIdentifier', name, value, index)] : []),
    ...(type === 'uri' ? uriCode(element, name, value, index) : []),
    ...(type === 'canonical' ? [canonicalCode(name, value, index)] : []),
    ...(type === 'xhtml' ? [`lib.checkNarrative(s, d, ${name}, ${value});`] : []),
    // Those of an element with elements of its own stand in the check of its object.
    ...(element.children ? [] : elementInvariants(scope, element.path, type, name, value, index)),
  ];
}

/** Code for an array as a whole, after its items. */
export function arrayRules(scope: UnitScope, element: ElementDefinition, type: string): string[] {
  if (type !== 'Extension' || scope.structureOnly) return [];
  const parent = element.path.slice(0, element.path.lastIndexOf('.'));
  return [`lib.checkExtensions(s, d, ${quoted(element.name)}, v, ${quoted(parent)}, o);`];
}

/** Code for a `code` element that may have no value, where a binding requires one: `v` is the sibling with its extensions. */
export function absentCode(scope: UnitScope, element: ElementDefinition, type: string): string[] {
  if (scope.structureOnly) return [];
  const codes = type === 'code' && element.max === 1 ? boundCodes(scope, element) : undefined;
  if (codes === undefined || element.choice) return [];
  return [
    `if (o[${quoted(element.name)}] === undefined) lib.codeAbsent(s, d, ${quoted(element.name)}, ${codes});`,
  ];
}

function codeCode(scope: UnitScope, element: ElementDefinition, value: string, index: string): string[] {
  const name = quoted(element.name);
  const codes = boundCodes(scope, element);
  if (codes !== undefined) {
    return [`if (!${codes}.hasCode(${value})) lib.codeOutside(s, d, ${name}, ${index}, ${codes});`];
  }
  return askCode(element, value, index);
}

function codedCode(scope: UnitScope, element: ElementDefinition, value: string, index: string): string[] {
  const codes = boundCodes(scope, element);
  if (codes === undefined) return askCode(element, value, index);
  return [`lib.checkCoded(s, d, ${quoted(element.name)}, ${index}, ${value}, ${codes});`];
}

function askCode({ name, requiredValueSet }: ElementDefinition, value: string, index: string): string[] {
  if (requiredValueSet === undefined) return [];
  return [`lib.askCoded(s, d, ${quoted(name)}, ${index}, ${value}, ${quoted(requiredValueSet)});`];
}

/** What only leads to a warning is asked only where warnings are wanted. */
function extensibleCode(
  { name, extensibleValueSet }: ElementDefinition,
  value: string,
  index: string,
): string[] {
  if (extensibleValueSet === undefined) return [];
  const place = `s, d, ${quoted(name)}, ${index}, ${value}`;
  return [`if (s.thorough) lib.askExtensible(${place}, ${quoted(extensibleValueSet)});`];
}

/** The name of the codes of an element's binding; undefined where it has none, or they are not in memory. */
function boundCodes(scope: UnitScope, { requiredValueSet: url }: ElementDefinition): string | undefined {
  if (url === undefined || codesOf(scope.definitions, url) === undefined) return undefined;
  return constant(scope, `codes ${url}`, () => codesOf(scope.definitions, url));
}

/** The codes of a value set, where they are in memory. */
export function codesOf(definitions: UnitScope['definitions'], url: string): BoundCodes | undefined {
  const listed = definitions.codes(url);
  return listed ? listedCodes(url, listed) : RULED_CODES[url];
}

function referenceCode(scope: UnitScope, element: ElementDefinition, value: string, index: string): string {
  const targets = targetsOf(scope, element);
  return `lib.checkReference(s, d, ${quoted(element.name)}, ${index}, ${value}, ${targets});`;
}

/** Of most canonicals nothing but the first character is looked at. */
const canonicalCode = (name: string, value: string, index: string): string =>
  `if (${value}.charCodeAt(0) === ${HASH}) lib.checkContainedCanonical(s, d, ${name}, ${index}, ${value}); else ${thoroughly('checkCanonical', name, value, index)}`;

/** What a write does not ask. */
const thoroughly = (check: string, name: string, value: string, index: string): string =>
  `if (s.thorough) lib.${check}(s, d, ${name}, ${index}, ${value});`;

function uriCode({ path }: ElementDefinition, name: string, value: string, index: string): string[] {
  // What it may be depends on the kind of Bundle.
  if (path === 'Bundle.entry.fullUrl') return [];
  return [thoroughly(SYSTEMS.has(path) ? 'checkSystem' : 'checkUri', name, value, index)];
}

const SYSTEMS: ReadonlySet<string> = new Set(['Coding.system', 'Identifier.system']);

const HASH = '#'.charCodeAt(0);

function targetsOf(scope: UnitScope, element: ElementDefinition): string {
  const types = element.types.filter(({ code }) => code === 'Reference').map(({ targets }) => targets ?? []);
  const names = types.some((targets) => targets.length === 0) ? [] : types.flat();
  return constant(scope, `targets ${names.join()}`, (): ReferenceTargets => {
    const isType = scope.definitions.isResourceType;
    return names.length > 0 ? { allowed: new Set(names), isType } : { isType };
  });
}
