import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Context } from './context.ts';
import type { Typed } from './paths.ts';
import { pointer, targetsOf, withoutBase, withoutVersion, type Pointer } from './pointers.ts';
import { unescape } from './split.ts';
import { tokenMatches } from './tokens.ts';
import { nameOf, type Stored } from './world.ts';

/** `id`, `Type/id`, a URL or a canonical (search.html#reference). @param targetType from `:[type]` */
export function referenceMatches(
  { world }: Context,
  parameter: SearchParameterDefinition,
  from: Stored,
  typed: Typed,
  written: string,
  targetType?: string,
): boolean {
  const found = pointer(world, from, typed);
  if (found?.address === undefined) return false;
  if (targetType !== undefined && !mayBe(found, targetType)) return false;
  const asked = withoutBase(world, unescape(written));
  if (/[/:]/.test(asked)) return found.address === asked || withoutVersion(found) === asked;
  const [type, id, ...more] = withoutVersion(found).split('/');
  const isAllowed = (parameter.target ?? [type]).includes(type!) || parameter.target?.includes('Resource');
  return more.length === 0 && id === asked && Boolean(isAllowed);
}

/** What another server's address stands for is only known where it says so. */
function mayBe({ targetType }: Pointer, type: string): boolean {
  return targetType === undefined || targetType === type;
}

/** `:identifier`: a token search on Reference.identifier. */
export function identifierMatches({ value }: Typed, written: string): boolean {
  const identifier = (value as { identifier?: unknown } | null)?.identifier;
  return identifier !== undefined && tokenMatches({ type: 'Identifier', value: identifier }, written);
}

/** The parameter by which resources of a type make a hierarchy (search.html#recursive). */
const PART_OF: Readonly<Record<string, string>> = {
  Location: 'partof',
  Organization: 'partof',
  Encounter: 'part-of',
};

/** The type whose hierarchy `:above` and `:below` of a parameter follow, and the parameter that makes it. */
export function hierarchyOf(
  { definitions }: Context,
  type: string,
  parameter: SearchParameterDefinition,
): { type: string; by: SearchParameterDefinition } | undefined {
  if (parameter.target?.includes(type)) return { type, by: parameter };
  const target = parameter.target?.find((one) => one in PART_OF);
  const by = target && definitions.searchParameter(target, PART_OF[target]!);
  return by ? { type: target, by } : undefined;
}

/** `Type/id` of a resource and of all below (above) it; itself is one of them, whether it exists or not. */
export function familyOf(
  { world, values }: Context,
  { type, by }: { type: string; by: SearchParameterDefinition },
  start: string,
  direction: 'above' | 'below',
): Set<string> {
  const parents = (one: Stored) =>
    values.of(one, by).flatMap((typed) => {
      const found = pointer(world, one, typed);
      return found
        ? targetsOf(world, found)
            .filter((target) => target.type === type && !target.container)
            .map(nameOf)
        : [];
    });
  const family = new Set([start]);
  for (let before = 0; before !== family.size;) {
    before = family.size;
    for (const one of world.ofType(type)) {
      if (direction === 'below' && parents(one).some((parent) => family.has(parent))) family.add(nameOf(one));
      if (direction === 'above' && family.has(nameOf(one)))
        for (const parent of parents(one)) family.add(parent);
    }
  }
  return family;
}
