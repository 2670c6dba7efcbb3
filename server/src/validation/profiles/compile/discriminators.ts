import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import { splitCanonical, typeName } from '../canonical.ts';
import { isObject } from '../../state.ts';
import { memberTest } from './bindings.ts';
import { isEqual, matchesPattern } from './constants.ts';
import { definitionsAt, type DefinedPlace } from './definitionsAt.ts';
import { parseDiscriminatorPath, takeStep, type FoundValue, type PathStep } from './discriminatorPath.ts';
import type { CompileContext, ItemCheck, ItemTest } from './types.ts';

/** Whether a value that a discriminator leads to is one of the slice. */
type FoundTest = (found: FoundValue, at: Parameters<ItemTest>[3]) => boolean;
/** Compiles what is asked of values; given to slicing, since it in turn asks for slices. */
export interface ItemCompiler {
  /** What a slice asks beyond what is asked of all values of its element. */
  slice(node: ElementNode): ItemCheck | undefined;
  /** All that is asked of an element. */
  whole(node: ElementNode): ItemCheck | undefined;
}

/**
 * How one discriminator tells the values of a slice (http://hl7.org/fhir/R4/profiling.html#discriminator).
 *
 * @returns undefined where that cannot be told: the slice says nothing of the place, or its value set is not in memory
 */
export function discriminatorTest(
  ctx: CompileContext,
  slice: ElementNode,
  { type, path }: { type: string; path: string },
  compile: ItemCompiler,
): ItemTest | undefined {
  const steps = parseDiscriminatorPath(path);
  if (steps === undefined) return undefined;
  const places = definitionsAt(ctx, slice, steps);
  if (type === 'exists') return existsTest(ctx, steps, places);
  const tests = places.flatMap((place) => placeTest(ctx, type, place, compile) ?? []);
  if (tests.length === 0) return undefined;
  return (value, sibling, own, at) => {
    const found = follow(ctx, steps, { value, sibling, type: own }, at);
    return found.some((one) => tests.some((test) => test(one, at)));
  };
}

function follow(
  ctx: CompileContext,
  steps: readonly PathStep[],
  from: FoundValue,
  at: Parameters<ItemTest>[3],
): FoundValue[] {
  let found = [from];
  for (const step of steps) found = takeStep(found, step, at, ctx.isResourceType);
  return found;
}

function existsTest(
  ctx: CompileContext,
  steps: readonly PathStep[],
  places: readonly DefinedPlace[],
): ItemTest | undefined {
  const [place] = places;
  if (place === undefined) return undefined;
  const { min = 0, max } = place.node.element;
  if (min === 0 && max !== '0') return undefined;
  const wanted = min > 0;
  return (value, sibling, type, at) =>
    follow(ctx, steps, { value, sibling, type }, at).some((found) => found.value !== undefined) === wanted;
}

function placeTest(
  ctx: CompileContext,
  kind: string,
  place: DefinedPlace,
  compile: ItemCompiler,
): FoundTest | undefined {
  if (kind === 'type') return typeTest(place.node);
  if (kind === 'profile') return profileTest(ctx, place.node);
  return valueTest(ctx, place, compile);
}

function typeTest({ element }: ElementNode): FoundTest | undefined {
  const types = new Set(element.type?.map(({ code }) => typeName(code)));
  if (types.size === 0) return undefined;
  return ({ type, value }) => {
    const told = isObject(value) && typeof value.resourceType === 'string' ? value.resourceType : type;
    return told !== undefined && (types.has(told) || types.has('Resource'));
  };
}

function profileTest(ctx: CompileContext, { element }: ElementNode): FoundTest | undefined {
  const types = element.type ?? [];
  const links = types.flatMap(({ profile }) => profile ?? []).map((canonical) => ctx.link(canonical));
  if (links.length === 0) return typeTest({ name: '', element, children: [], slices: [] });
  return ({ value, type }, at) => {
    if (!isObject(value)) return links.some((link) => link.type === type);
    return links.some((link) => {
      if (typeof value.resourceType === 'string' && link.type !== value.resourceType) return false;
      return ctx.quiet.conforms(at, value, link);
    });
  };
}

/** By fixed value, pattern, binding, or all that the slice asks of the place. */
function valueTest(
  ctx: CompileContext,
  { node, constants }: DefinedPlace,
  compile: ItemCompiler,
): FoundTest | undefined {
  const { fixed, pattern, binding, type } = node.element;
  if (constants) return ({ value }) => constants.some((constant) => matchesPattern(value, constant));
  if (fixed) return ({ value }) => isEqual(value, fixed.value);
  if (pattern) return ({ value }) => matchesPattern(value, pattern.value);
  if (isExtension(node)) return extensionTest(node);
  const ownType = typeName(type?.[0]?.code ?? '');
  if (binding?.strength === 'required' && binding.valueSet !== undefined) {
    const test = memberTest(ctx, binding.valueSet);
    return test && ((found, at) => test(found.value, found.sibling, found.type ?? ownType, at));
  }
  if (node.children.length === 0) return undefined;
  const check = compile.whole(node);
  if (check === undefined) return undefined;
  return ({ value, sibling, type: told = ownType }, at) =>
    ctx.quiet.passes(at, (scratch) => check(value, sibling, told, scratch, 0, node.name, -1));
}

const isExtension = ({ element }: ElementNode): boolean =>
  element.type?.[0]?.code === 'Extension' && element.type[0].profile !== undefined;

function extensionTest({ element }: ElementNode): FoundTest {
  const urls = new Set(element.type?.[0]?.profile?.map((canonical) => splitCanonical(canonical).url));
  return ({ value }) => isObject(value) && typeof value.url === 'string' && urls.has(value.url);
}
