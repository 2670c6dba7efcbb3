import type { UnitScope } from './scope.ts';

/** Code that tests the invariants of a place once the object `o` at depth `d` has been checked. */
export function objectInvariants(scope: UnitScope, path: string): string[] {
  return tests(scope, path, 'o', 'd', `s, d, '', -1`);
}

/**
 * Code that tests the invariants of an element.
 *
 * @param value expression of its value, which stands one deeper than `o` @param index expression of its array index
 */
export function elementInvariants(
  scope: UnitScope,
  path: string,
  name: string,
  value: string,
  index: string,
): string[] {
  return tests(scope, path, value, 'd + 1', `s, d, ${name}, ${index}`);
}

/** What only warns is tested only where warnings are wanted. */
function tests(scope: UnitScope, path: string, value: string, depth: string, place: string): string[] {
  return scope.invariantsAt(path).map((invariant) => {
    const number = scope.invariants.push(invariant) - 1;
    const wanted = invariant.severity === 'warning' ? 's.thorough && ' : '';
    const broken = `${wanted}invariants[${number}].test(${value}, s, ${depth}) === false`;
    return `if (${broken}) lib.invariantBroken(${place}, invariants[${number}]);`;
  });
}
