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
  if (/[/:]/.test(asked))
    return [found.address, withoutFragment(found), withoutVersion(found)].includes(asked);
  const [type, id, ...more] = withoutVersion(found).split('/');
  const isAllowed = (parameter.target ?? [type]).includes(type!) || parameter.target?.includes('Resource');
  return more.length === 0 && id === asked && Boolean(isAllowed);
}

/** A canonical may go on into the resource (`http://x/q|2#1`); the fragment of a reference is part of it. */
const withoutFragment = ({ address, isCanonical }: Pointer) =>
  isCanonical ? address?.replace(/#.*$/s, '') : address;

/** What another server's address stands for is only known where it says so. */
function mayBe({ targetType }: Pointer, type: string): boolean {
  return targetType === undefined || targetType === type;
}

/** `:identifier`: a token search on Reference.identifier. */
export function identifierMatches({ value }: Typed, written: string): boolean {
  const identifier = (value as { identifier?: unknown } | null)?.identifier;
  return identifier !== undefined && tokenMatches({ type: 'Identifier', value: identifier }, written);
}

/** A type whose resources make a hierarchy, and the reference parameter that makes it. */
export interface Hierarchy {
  type: string;
  by: SearchParameterDefinition;
}

/**
 * The hierarchies that `:above` and `:below` of a parameter can follow (search.html#recursive): the parameter's own, if it
 * refers to its own type, else those that `partOf` makes of its targets. What may refer to anything makes no hierarchy.
 */
export function hierarchiesOf(
  { definitions }: Context,
  type: string,
  parameter: SearchParameterDefinition,
): Hierarchy[] {
  const targets = parameter.target ?? definitions.resourceTypes;
  const isAnything = targets.length > definitions.resourceTypes.length / 2;
  if (targets.includes(type) && !isAnything) return [{ type, by: parameter }];
  return targets.flatMap((target) =>
    definitions
      .searchParameters(target)
      .filter(({ expression, target: own }) => expression === `${target}.partOf` && own?.includes(target))
      .map((by) => ({ type: target, by })),
  );
}

/** `Type/id` of a resource and of all below (above) it; itself is one of them, whether it exists or not. */
export function familyOf(
  { world, values }: Context,
  { type, by }: Hierarchy,
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
