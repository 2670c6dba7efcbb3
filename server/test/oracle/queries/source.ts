import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Random } from '../data/random.ts';
import type { Context } from '../evaluate/context.ts';
import { referredTo } from '../evaluate/follow.ts';
import type { Typed } from '../evaluate/paths.ts';
import type { Parts } from '../evaluate/values.ts';

/** What random queries are made from: chance, and the values that there are. */
export interface Source {
  random: Random;
  context: Context;
  /** What a parameter selects in the resources of a type, over all of them. */
  values(type: string, parameter: SearchParameterDefinition): readonly Typed[];
  composites(type: string, parameter: SearchParameterDefinition): readonly Parts[];
  /** The reference parameters of a type that lead to something, each with the types that it leads to. */
  links(type: string): readonly Link[];
  /** Types of which there are resources. */
  types: readonly string[];
}

export interface Link {
  parameter: SearchParameterDefinition;
  targets: readonly string[];
}

/** @param memory of what was found before in the same world */
export function createSource(random: Random, context: Context, memory: Map<string, unknown>): Source {
  const { world, values } = context;
  const remembered = <T>(name: string, make: () => T): T => {
    if (!memory.has(name)) memory.set(name, make());
    return memory.get(name) as T;
  };
  return {
    random,
    context,
    types: remembered('types', () => [...new Set(world.resources.map(({ type }) => type))].sort()),
    values: (type, parameter) =>
      remembered(`values ${type} ${parameter.url}`, () =>
        world.ofType(type).flatMap((one) => values.of(one, parameter)),
      ),
    links: (type) =>
      remembered(`links ${type}`, () =>
        context.definitions.searchParameters(type).flatMap((parameter) => {
          if (parameter.type !== 'reference') return [];
          const found = world.ofType(type).flatMap((one) => referredTo(context, one, parameter));
          const targets = [...new Set(found.filter((one) => !one.container).map((one) => one.type))].sort();
          return targets.length > 0 ? [{ parameter, targets }] : [];
        }),
      ),
    composites: (type, parameter) =>
      remembered(`composites ${type} ${parameter.url}`, () =>
        world.ofType(type).flatMap((one) => values.composites(one, parameter)),
      ),
  };
}

/** Puts a backslash before what separates (search.html#escaping). */
export const escape = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');
