import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Context } from './context.ts';
import { referredTo } from './follow.ts';
import { nameOf, type Stored } from './world.ts';

/** One `_include` or `_revinclude` (search.html#include). */
export interface Include {
  reverse: boolean;
  iterate: boolean;
  /** `Type:parameter`, `Type:parameter:Target`, `Type:*` or `*`. */
  value: string;
}

/** What comes along with a page of matches: `Type/id` of each, without the matches themselves. */
export function included(
  context: Context,
  matches: readonly Stored[],
  includes: readonly Include[],
): Set<string> {
  const all = new Map<string, Stored>(matches.map((one) => [nameOf(one), one]));
  const add = (include: Include, from: readonly Stored[]): void => {
    for (const one of include.reverse
      ? referrers(context, include, from)
      : references(context, include, from)) {
      all.set(nameOf(one), all.get(nameOf(one)) ?? one);
    }
  };
  for (const include of includes) add(include, matches);
  for (let before = 0; before !== all.size;) {
    before = all.size;
    for (const include of includes) if (include.iterate) add(include, [...all.values()]);
  }
  for (const one of matches) all.delete(nameOf(one));
  return new Set(all.keys());
}

function references(context: Context, { value }: Include, from: readonly Stored[]): Stored[] {
  const [type, code, target] = value.split(':');
  return from
    .filter((one) => type === '*' || one.type === type)
    .flatMap((one) =>
      parametersOf(context, one.type, code).flatMap((parameter) => referredTo(context, one, parameter, true)),
    )
    .filter((one) => !one.container && (target === undefined || one.type === target));
}

function referrers(context: Context, { value }: Include, to: readonly Stored[]): Stored[] {
  const [type, code, target] = value.split(':');
  const names = new Set(to.filter((one) => target === undefined || one.type === target).map(nameOf));
  const sources = type === '*' ? context.world.resources : context.world.ofType(type!);
  return sources.filter((one) =>
    parametersOf(context, one.type, code).some((parameter) =>
      referredTo(context, one, parameter).some((found) => !found.container && names.has(nameOf(found))),
    ),
  );
}

/** The reference parameters that are meant: one by its name, or all. */
function parametersOf({ definitions }: Context, type: string, code = '*'): SearchParameterDefinition[] {
  return definitions
    .searchParameters(type)
    .filter((parameter) => parameter.type === 'reference' && (code === '*' || parameter.code === code));
}
