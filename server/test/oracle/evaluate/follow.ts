import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Context } from './context.ts';
import { namesAbsentVersion, pointer, targetsOf } from './pointers.ts';
import type { Stored } from './world.ts';

/** @throws Error where the type has no such parameter */
export function definition({ definitions }: Context, type: string, code: string): SearchParameterDefinition {
  const found = definitions.searchParameter(type, code);
  if (!found) throw new Error(`${type} has no parameter ${code}`);
  return found;
}

/**
 * The resources that a reference parameter leads to, of the types that it allows.
 *
 * @param exactly whether a version that a reference names must be there; else it is one to the current version
 */
export function referredTo(
  { world, values }: Context,
  one: Stored,
  parameter: SearchParameterDefinition,
  exactly = false,
): readonly Stored[] {
  return values.of(one, parameter).flatMap((typed) => {
    const found = pointer(world, one, typed);
    if (!found || (exactly && namesAbsentVersion(found))) return [];
    const targets = targetsOf(world, found);
    return targets.filter(({ type }) => parameter.target?.includes(type) ?? true);
  });
}
