import type { Context, Test } from './context.ts';
import { definition } from './follow.ts';
import { pointer, withoutVersion } from './pointers.ts';
import { nameOf } from './world.ts';

/** The resource types of a compartment. */
export function compartmentTypes({ definitions }: Context, compartment: string): readonly string[] {
  return [...(definitions.compartment(compartment)?.resource.keys() ?? [])];
}

/**
 * Whether resources of the type are in the compartment of a resource: it is that one, or refers to it by one of the
 * parameters (compartmentdefinition.html).
 */
export function compartmentTest(
  context: Context,
  compartment: { type: string; id: string },
  type: string,
): Test {
  const codes = context.definitions.compartment(compartment.type)?.resource.get(type) ?? [];
  const parameters = codes.map((code) => definition(context, type, code));
  const name = `${compartment.type}/${compartment.id}`;
  return (one) =>
    nameOf(one) === name ||
    parameters.some((parameter) =>
      context.values.of(one, parameter).some((typed) => {
        const found = pointer(context.world, one, typed);
        return found?.address !== undefined && withoutVersion(found) === name;
      }),
    );
}
