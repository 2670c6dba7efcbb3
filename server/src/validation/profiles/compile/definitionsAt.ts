import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import { typeName } from '../canonical.ts';
import { isChoice, stemOf, typeOfChoice } from '../choices.ts';
import type { PathStep } from './discriminatorPath.ts';
import type { CompileContext } from './types.ts';

/** What a slice says of the place that a discriminator's path leads to. */
export interface DefinedPlace {
  node: ElementNode;
  /** Where an element above has a fixed value or pattern: what that says of the place. */
  constants?: unknown[];
}

/** Follows a path through the definition of a slice; slices that must be there say what is asked of their element as well. */
export function definitionsAt(
  ctx: CompileContext,
  slice: ElementNode,
  steps: readonly PathStep[],
): DefinedPlace[] {
  let places: DefinedPlace[] = [{ node: slice }];
  for (const step of steps) {
    places = places.flatMap((place) => next(ctx, place, step));
    places.push(...places.flatMap(({ node }) => node.slices.map((inner) => ({ node: inner }))));
  }
  return places;
}

function next(ctx: CompileContext, place: DefinedPlace, step: PathStep): DefinedPlace[] {
  const { node } = place;
  switch (step.kind) {
    case 'child':
      return child(ctx, place, step.name);
    case 'extension':
      return extensionNodes(ctx, node, step.url).map((found) => ({ node: found }));
    case 'ofType':
      return ofType(node, step.type).map((found) => ({ node: found }));
    case 'resolve':
      return [{ node: targetNode(ctx, node) }];
  }
}

function child(ctx: CompileContext, place: DefinedPlace, name: string): DefinedPlace[] {
  const { node } = place;
  const constant = (node.element.fixed ?? node.element.pattern)?.value;
  const above = place.constants ?? (constant === undefined ? [] : [constant]);
  const constants = above.flatMap((value) => valuesOf(value, name));
  const found = childrenOf(ctx, node).filter(
    (one) =>
      one.name === name ||
      (isChoice(one.name) && (stemOf(one.name) === name || typeOfChoice(one, name) !== undefined)),
  );
  const withUrl = found.map((one) => (name === 'url' ? withProfileUrl(node, one) : one));
  if (constants.length === 0) return withUrl.map((one) => ({ node: one }));
  const [first = { name, element: { path: name }, children: [], slices: [] }] = withUrl;
  return [{ node: first, constants }];
}

/** An extension that is told by its profile has the profile's URL. */
function withProfileUrl(parent: ElementNode, url: ElementNode): ElementNode {
  const [type] = parent.element.type ?? [];
  const [profile] = type?.profile ?? [];
  if (type?.code !== 'Extension' || profile === undefined || url.element.fixed) return url;
  return { ...url, element: { ...url.element, fixed: { type: 'Uri', value: profile.split('|')[0] } } };
}

function valuesOf(value: unknown, name: string): unknown[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((item) => {
    const found = (item as Record<string, unknown> | null)?.[name];
    return found === undefined ? [] : Array.isArray(found) ? (found as unknown[]) : [found];
  });
}

/** The elements below an element: its own, its profile's, or its type's. */
export function childrenOf(ctx: CompileContext, node: ElementNode): readonly ElementNode[] {
  if (node.children.length > 0) return node.children;
  const types = node.element.type ?? [];
  const [profile] = types.flatMap((type) => type.profile ?? []);
  const tree = profile === undefined ? undefined : ctx.profileTree(profile);
  const [type] = types;
  return (tree ?? ctx.typeTree(typeName(type?.code ?? 'Element')))?.children ?? [];
}

function extensionNodes(ctx: CompileContext, node: ElementNode, url: string): ElementNode[] {
  return childrenOf(ctx, node)
    .filter(({ name }) => name === 'extension' || name === 'modifierExtension')
    .flatMap(({ slices }) => slices)
    .filter((slice) => {
      const profiles = slice.element.type?.flatMap((type) => type.profile ?? []) ?? [];
      if (profiles.some((profile) => profile.split('|')[0] === url)) return true;
      return slice.children.some(({ name, element }) => name === 'url' && element.fixed?.value === url);
    });
}

/** The slices of a choice with a type, or the choice itself if it may have it. */
function ofType(node: ElementNode, type: string): ElementNode[] {
  const has = ({ element }: ElementNode) =>
    element.type?.some(({ code }) => typeName(code) === type) ?? false;
  const slices = node.slices.filter(has);
  return slices.length > 0 ? slices : [node].filter(has);
}

/** What a reference may lead to, as an element that has these types. */
function targetNode(ctx: CompileContext, { element }: ElementNode): ElementNode {
  const targets = element.type?.flatMap(({ targetProfile }) => targetProfile ?? []) ?? [];
  const type = targets.flatMap((canonical) => {
    const { type: code } = ctx.link(canonical);
    return code === undefined ? [] : [{ code, profile: [canonical] }];
  });
  return { name: '', element: { path: '', type }, children: [], slices: [] };
}
