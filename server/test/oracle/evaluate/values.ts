import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import { branchesOf, type Select, type Typed } from './paths.ts';
import { pointer } from './pointers.ts';
import type { Stored, World } from './world.ts';

/** One place where the parts of a composite stand together, with the values of each part. */
export type Parts = readonly (readonly Typed[])[];

/** Finds what search parameters select, and remembers it. */
export interface Values {
  of(one: Stored, parameter: SearchParameterDefinition): readonly Typed[];
  /** The parameters that a composite joins. */
  components(parameter: SearchParameterDefinition): SearchParameterDefinition[];
  composites(one: Stored, parameter: SearchParameterDefinition): readonly Parts[];
}

export function createValues(world: World, definitions: Definitions, select: Select): Values {
  const known = new WeakMap<Stored['resource'], Map<string, readonly Typed[]>>();
  const knownComposites = new WeakMap<Stored['resource'], Map<string, readonly Parts[]>>();

  function of(one: Stored, parameter: SearchParameterDefinition): readonly Typed[] {
    return remembered(known, one, parameter.url, () => evaluate(one, parameter.expression ?? ''));
  }

  function evaluate(one: Stored, expression: string): Typed[] {
    return branchesOf(expression, one.type).flatMap((branch) => {
      const found = select(branch.expression, one.resource);
      if (branch.target === undefined) return found;
      return found.filter((typed) => pointer(world, one, typed)?.targetType === branch.target);
    });
  }

  function composites(one: Stored, parameter: SearchParameterDefinition): readonly Parts[] {
    return remembered(knownComposites, one, parameter.url, () =>
      branchesOf(parameter.expression ?? '', one.type)
        .filter(({ expression }) => expression === one.type || expression.startsWith(`${one.type}.`))
        .flatMap(({ expression }) =>
          select(expression, one.resource).map(({ value }) =>
            (parameter.component ?? []).map((part) => partValues(one, part.expression, expression, value)),
          ),
        ),
    );
  }

  /** @param context path of the element where the parts stand */
  function partValues(one: Stored, expression: string, context: string, element: unknown): Typed[] {
    return branchesOf(expression, one.type).flatMap((branch) =>
      branch.expression.startsWith(`${one.type}.`)
        ? select(branch.expression, one.resource)
        : select(branch.expression, element, context === one.type ? undefined : context),
    );
  }

  function components(parameter: SearchParameterDefinition): SearchParameterDefinition[] {
    return (parameter.component ?? []).map((part) => {
      const found = definitions.searchParameterByUrl(part.definition);
      if (!found) throw new Error(`${parameter.url} has a part that is not defined: ${part.definition}`);
      return found;
    });
  }

  return { of, composites, components };
}

function remembered<T>(
  memory: WeakMap<Stored['resource'], Map<string, T>>,
  { resource }: Stored,
  name: string,
  make: () => T,
): T {
  let ofResource = memory.get(resource);
  if (!ofResource) memory.set(resource, (ofResource = new Map()));
  let found = ofResource.get(name);
  if (found === undefined) ofResource.set(name, (found = make()));
  return found;
}
