import type { Context, Test } from './context.ts';
import { containedIn, type Stored } from './world.ts';

/** What `_contained` and `_containedType` say (search.html#contained). */
export interface Contained {
  mode: 'false' | 'true' | 'both';
  returns: 'container' | 'contained';
}

/**
 * Contained resources of the types that satisfy their type's tests, or the resources that contain them, each once: in the
 * order of the containers, and of what they contain.
 *
 * @param testsOf the tests of a type; undefined where it is not searched
 * @param others what was found without looking inside: no container is found again
 */
export function foundInside(
  { world }: Context,
  { returns }: Contained,
  testsOf: (type: string) => readonly Test[] | undefined,
  others: readonly Stored[],
): Stored[] {
  const inside = world.resources
    .flatMap(containedIn)
    .filter((one) => testsOf(one.type)?.every((test) => test(one)) ?? false);
  if (returns === 'contained') return inside;
  const containers = new Set(inside.map(({ container }) => container!));
  return [...containers].filter((one) => !others.includes(one));
}
