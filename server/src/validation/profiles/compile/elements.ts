import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { StructureElement } from '../../../fhir/structures/structure.ts';
import { NO_INDEX } from '../../state.ts';
import { typeName } from '../canonical.ts';
import { choiceFor, isChoice, stemOf, typeOfChoice, upperFirst } from '../choices.ts';
import { elementAt } from '../snapshot/expand.ts';
import { itemCheck } from './items.ts';
import { compileSlicing, type Items, type Slicing } from './slicing.ts';
import type { BaseElement, CompileContext, ItemCheck, Part } from './types.ts';

/** What a definition asks of the elements right below one, as far as its base does not. */
export function compileChildren(
  ctx: CompileContext,
  node: ElementNode,
  base: BaseElement | undefined,
): Part[] {
  return node.children.flatMap((child) => {
    const childBase = base && baseOf(ctx, base, node.element, child.name);
    return compileElement(ctx, child, childBase) ?? [];
  });
}

/** What is asked of each value of an element. */
function compileItem(
  ctx: CompileContext,
  node: ElementNode,
  base: BaseElement | undefined,
): ItemCheck | undefined {
  return itemCheck(ctx, node, base, compileChildren(ctx, node, base));
}

/** The element of the type that a profile's element constrains; undefined where the type has none of this name. */
function baseOf(
  ctx: CompileContext,
  { node, root }: BaseElement,
  { type }: StructureElement,
  name: string,
): BaseElement | undefined {
  const own = named(node.children, name);
  if (own) return { node: own, root };
  const { contentReference } = node.element;
  if (contentReference !== undefined) {
    const target = elementAt(root, contentReference.slice(contentReference.indexOf('#') + 1));
    const found = target && named(target.children, name);
    return found && { node: found, root };
  }
  const codes = new Set((type ?? node.element.type ?? []).map(({ code }) => typeName(code)));
  for (const code of codes) {
    const tree = ctx.typeTree(code);
    const found = tree && named(tree.children, name);
    if (tree && found) return { node: found, root: tree };
  }
  return undefined;
}

const named = (children: readonly ElementNode[], name: string): ElementNode | undefined =>
  children.find((child) => child.name === name) ?? choiceFor(children, name);

function compileElement(
  ctx: CompileContext,
  node: ElementNode,
  base: BaseElement | undefined,
): Part | undefined {
  const from = base?.node;
  if (from && isChoice(from.name) && !isChoice(node.name)) return renamedPart(ctx, node, base);
  const item = compileItem(ctx, node, base);
  // Of slices, only what they ask beyond what is asked of all.
  const unsliced = { node, root: node };
  const slicing = compileSlicing(ctx, node, {
    slice: (slice) => compileItem(ctx, slice, unsliced),
    whole: (place) => compileItem(ctx, place, undefined),
  });
  const counts = countsOf(node.element, from?.element);
  if (isChoice(node.name)) return choicePart(ctx, node, from, { item, slicing, ...counts });
  if (item === undefined && slicing === undefined && counts.min === 0 && counts.max === Infinity)
    return undefined;
  const type = typeName(node.element.type?.[0]?.code ?? '');
  return plainPart(ctx, node.name, type, { item, slicing, ...counts });
}

interface Demands {
  item: ItemCheck | undefined;
  slicing: Slicing | undefined;
  /** 0 where the base asks the same. */
  min: number;
  /** Infinity where the base allows no more. */
  max: number;
}

function countsOf(
  element: StructureElement,
  base: StructureElement | undefined,
): { min: number; max: number } {
  const { min = 0, max = '*' } = element;
  return {
    min: min > (base?.min ?? 0) ? min : 0,
    max: max === '*' || max === base?.max ? Infinity : Number(max),
  };
}

function plainPart(ctx: CompileContext, name: string, type: string, demands: Demands): Part {
  const { item, slicing } = demands;
  const siblingName = `_${name}`;
  const count = counter(ctx, demands);
  const none: Items = { values: [], siblings: [], type, name, isList: true };
  return (object, at, depth) => {
    const value = object[name];
    const sibling = object[siblingName];
    if (value === undefined && sibling === undefined) {
      if (demands.min > 0) return count(at, depth, name, 0, true);
      return slicing?.(none, at, depth);
    }
    const isList = Array.isArray(value) || Array.isArray(sibling);
    const values = listOf(value);
    const siblings = listOf(sibling);
    const length = Math.max(values.length, siblings.length);
    count(at, depth, name, length, isList);
    if (item)
      for (let i = 0; i < length; i++)
        item(values[i] ?? undefined, siblings[i], type, at, depth, name, isList ? i : NO_INDEX);
    slicing?.({ values, siblings, type, name, isList }, at, depth);
  };
}

const NOTHING: readonly unknown[] = [];
const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? NOTHING : Array.isArray(value) ? value : [value];

/** Tells when there are too few or too many. */
function counter({ demander }: CompileContext, { min, max }: Pick<Demands, 'min' | 'max'>) {
  return (at: Parameters<Part>[1], depth: number, name: string, count: number, isList: boolean): void => {
    if (count < min) {
      const text =
        count === 0
          ? `The element '${name}' is required by ${demander}: add it.`
          : `The element '${name}' must have at least ${min} items (${demander}): add the missing ones.`;
      at.reportElement('profile-cardinality-min', depth, name, text);
    } else if (count > max && max === 0) {
      const text = `The element '${name}' is not allowed by ${demander}: leave it out.`;
      at.reportElement('profile-cardinality-max', depth, name, text);
    } else if (count > max) {
      const advice = `may have at most ${max} items (${demander}): remove the others`;
      at.report(
        'profile-cardinality-max',
        depth,
        name,
        isList ? max : NO_INDEX,
        `The element '${name}' ${advice}.`,
      );
    }
  };
}

/** An element that can have several types, of which the profile may allow fewer. */
function choicePart(
  ctx: CompileContext,
  { name, element }: ElementNode,
  base: ElementNode | undefined,
  demands: Demands,
): Part | undefined {
  const stem = stemOf(name);
  const types = (element.type ?? []).map(({ code }) => typeName(code));
  const baseTypes = base?.element.type?.map(({ code }) => typeName(code)) ?? types;
  const isNarrowed = types.length < baseTypes.length;
  const { item, slicing, min, max } = demands;
  if (!isNarrowed && !item && !slicing && min === 0 && max === Infinity) return undefined;
  const keys = new Map(baseTypes.map((type) => [stem + upperFirst(type), type]));
  const allowed = new Set(types);
  const count = counter(ctx, demands);
  const wrong = `must be ${types.join(' or ')} by ${ctx.demander}: use ${types.length === 1 ? 'this type' : 'one of these types'}.`;
  return (object, at, depth) => {
    const key = keyOf(object, stem, keys);
    if (key === undefined) {
      if (min > 0) return count(at, depth, stem, 0, false);
      return slicing?.({ values: [], siblings: [], type: '', name: stem, isList: false }, at, depth);
    }
    count(at, depth, stem, 1, false);
    const type = keys.get(key)!;
    if (isNarrowed && !allowed.has(type))
      return at.report('profile-choice-type', depth, stem, NO_INDEX, `The element '${stem}[x]' ${wrong}`);
    const value = object[key];
    const sibling = object[`_${key}`];
    item?.(value, sibling, type, at, depth, stem, NO_INDEX);
    slicing?.({ values: [value], siblings: [sibling], type, name: stem, isList: false }, at, depth);
  };
}

/** The property that a choice has here, without the `_` of a primitive that has only extensions. */
function keyOf(
  object: Parameters<Part>[0],
  stem: string,
  keys: ReadonlyMap<string, string>,
): string | undefined {
  for (const key in object) {
    const name = key.charCodeAt(0) === UNDERSCORE ? key.slice(1) : key;
    if (name.startsWith(stem) && keys.has(name)) return name;
  }
  return undefined;
}

const UNDERSCORE = 95;

/** `valueQuantity` in a snapshot that has no `value[x]`: the choice has this type, where it is there. */
function renamedPart(ctx: CompileContext, node: ElementNode, base: BaseElement): Part | undefined {
  const type = typeOfChoice(base.node, node.name);
  const item = compileItem(ctx, node, base);
  const slicing = undefined;
  return plainPart(ctx, node.name, type ?? '', {
    item,
    slicing,
    ...countsOf(node.element, base.node.element),
  });
}
