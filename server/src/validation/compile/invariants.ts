import { constant, type UnitScope } from './scope.ts';

/**
 * Invariants that the type pass checks by code of its own, so that they are not evaluated: the form of contained resources, extensions and
 * narratives, and local references.
 */
const CHECKED_BY_CODE: ReadonlySet<string> = new Set([
  'dom-2',
  'dom-3',
  'dom-4',
  'dom-5',
  'ext-1',
  'ref-1',
  'txt-1',
  'txt-2',
]);

/** Code that tests the invariants of a place once the object `o` at depth `d` has been checked. */
export function objectInvariants(scope: UnitScope, path: string): string[] {
  return tests(scope, path, undefined, 'o', 'd', `s, d, '', -1`);
}

/**
 * Code that tests the invariants of an element.
 *
 * @param value expression of its value, which stands one deeper than `o` @param index expression of its array index
 */
export function elementInvariants(
  scope: UnitScope,
  path: string,
  type: string,
  name: string,
  value: string,
  index: string,
): string[] {
  return tests(scope, path, type, value, 'd + 1', `s, d, ${name}, ${index}`);
}

/** What only warns is tested only where warnings are wanted. */
function tests(
  scope: UnitScope,
  path: string,
  type: string | undefined,
  value: string,
  depth: string,
  place: string,
): string[] {
  const invariants = scope.invariantsAt(path, type).filter(({ key }) => !CHECKED_BY_CODE.has(key));
  return invariants.map((invariant) => {
    const known = constant(scope, `invariant ${path} ${type} ${invariant.key}`, () => invariant);
    const wanted = invariant.severity === 'warning' ? 's.thorough && ' : '';
    const broken = `${wanted}${known}.test(${value}, s, ${depth}) === false`;
    return `if (${broken}) lib.invariantBroken(${place}, ${known});`;
  });
}
