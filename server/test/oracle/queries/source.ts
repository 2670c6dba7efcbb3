import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Random } from '../data/random.ts';
import type { Context } from '../evaluate/context.ts';
import { referredTo } from '../evaluate/follow.ts';
import type { Typed } from '../evaluate/paths.ts';
import type { Parts } from '../evaluate/values.ts';
import type { Stored } from '../evaluate/world.ts';

/** What random queries are made from: chance, and the values that there are. */
export interface Source {
  random: Random;
  context: Context;
  /** What a parameter selects in the resources of a type, over all of them. */
  values(type: string, parameter: SearchParameterDefinition): readonly Typed[];
  composites(type: string, parameter: SearchParameterDefinition): readonly Parts[];
  /** The reference parameters of a type that lead to something, each with the types that it leads to. */
  links(type: string): readonly Link[];
  /** What refers to a resource. */
  referrers(one: Stored): readonly Referrer[];
  /** Types of which there are resources. */
  types: readonly string[];
  /** The resource that a query is to find: values are taken from it. Absent: from all. */
  witness?: Stored;
  /** The source that takes values from all resources, where this one has a witness. */
  all?: Source;
}

export interface Link {
  parameter: SearchParameterDefinition;
  targets: readonly string[];
}

export interface Referrer {
  one: Stored;
  /** By which it refers. */
  parameter: SearchParameterDefinition;
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
    referrers: (one) => remembered('referrers', () => referrersOf(context)).get(one) ?? [],
    composites: (type, parameter) =>
      remembered(`composites ${type} ${parameter.url}`, () =>
        world.ofType(type).flatMap((one) => values.composites(one, parameter)),
      ),
  };
}

function referrersOf(context: Context): Map<Stored, Referrer[]> {
  const found = new Map<Stored, Referrer[]>();
  for (const one of context.world.resources) {
    for (const parameter of context.definitions.searchParameters(one.type)) {
      if (parameter.type !== 'reference') continue;
      for (const target of referredTo(context, one, parameter)) {
        if (target.container) continue;
        found.set(target, [...(found.get(target) ?? []), { one, parameter }]);
      }
    }
  }
  return found;
}

/** The same for queries that are to find a resource: what is asked of its type, it has. */
export function witnessed(source: Source, witness: Stored): Source {
  const { context } = source;
  const { values } = context;
  const isIts = (type: string) => type === witness.type;
  return {
    ...source,
    witness,
    all: source,
    values: (type, parameter) =>
      isIts(type) ? values.of(witness, parameter) : source.values(type, parameter),
    composites: (type, parameter) =>
      isIts(type) ? values.composites(witness, parameter) : source.composites(type, parameter),
    links: (type) => {
      const all = source.links(type);
      if (!isIts(type)) return all;
      return all.flatMap(({ parameter }) => {
        const targets = [...new Set(reached(source, witness, parameter).map((one) => one.type))].sort();
        return targets.length > 0 ? [{ parameter, targets }] : [];
      });
    },
  };
}

export const withoutWitness = (source: Source): Source => source.all ?? source;

/** What a resource refers to by a parameter, and has an address of its own. */
export const reached = (
  { context }: Source,
  one: Stored,
  parameter: SearchParameterDefinition,
): readonly Stored[] => referredTo(context, one, parameter).filter(({ container }) => !container);

/** Puts a backslash before what separates (search.html#escaping). */
export const escape = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');
