import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { ElementSlicing } from '../../../fhir/structures/structure.ts';
import { NO_INDEX, type ValidationState } from '../../state.ts';
import { discriminatorTest, type ItemCompiler } from './discriminators.ts';
import type { CompileContext, ItemCheck, ItemTest } from './types.ts';

/** One slice, ready to be used. */
interface Slice {
  name: string;
  min: number;
  max: number;
  /** undefined: which values belong to it cannot be told, so nothing is asked of them as such. */
  matches: ItemTest | undefined;
  /** Takes what no other slice takes. */
  isDefault: boolean;
  item: ItemCheck | undefined;
  inner: Slicing | undefined;
}

/** The values of one element, as they stand. */
export interface Items {
  values: readonly unknown[];
  siblings: readonly unknown[];
  type: string;
  name: string;
  /** Whether they stand in an array. */
  isList: boolean;
}

/** Distributes the values of an element over its slices, and checks each. Called also where there are no values. */
export type Slicing = (items: Items, at: ValidationState, depth: number, chosen?: readonly number[]) => void;

const DEFAULT_SLICE = '@default';

/** The slices of an element (http://hl7.org/fhir/R4/profiling.html#slicing). @returns undefined where they ask nothing */
export function compileSlicing(
  ctx: CompileContext,
  node: ElementNode,
  compile: ItemCompiler,
  inherited?: ElementSlicing,
): Slicing | undefined {
  const slicing = node.element.slicing ?? inherited;
  if (slicing === undefined || (node.slices.length === 0 && slicing.rules !== 'closed')) return undefined;
  if (slicing.discriminator.length === 0) return undefined;
  const slices = node.slices.map((slice) => compileSlice(ctx, slice, slicing, compile));
  const asksNothing =
    slicing.rules === 'open' &&
    !slicing.ordered &&
    slices.every(({ min, max, item, inner }) => min === 0 && max === Infinity && !item && !inner);
  return asksNothing || slices.length === 0 ? undefined : run(ctx, slicing, slices);
}

function compileSlice(
  ctx: CompileContext,
  slice: ElementNode,
  slicing: ElementSlicing,
  compile: ItemCompiler,
): Slice {
  const { sliceName = '', min = 0, max = '*' } = slice.element;
  const tests = slicing.discriminator.map((one) => discriminatorTest(ctx, slice, one, compile));
  const known = tests.filter((test) => test !== undefined);
  const isKnown = known.length === tests.length;
  return {
    name: sliceName,
    min,
    max: max === '*' ? Infinity : Number(max),
    matches: isKnown ? all(known) : undefined,
    isDefault: sliceName === DEFAULT_SLICE,
    item: compile.slice(slice),
    inner: compileSlicing(ctx, slice, compile, slicing),
  };
}

function all(tests: readonly ItemTest[]): ItemTest {
  const [only, ...others] = tests;
  if (only && others.length === 0) return only;
  return (value, sibling, type, at) => tests.every((test) => test(value, sibling, type, at));
}

function run(ctx: CompileContext, slicing: ElementSlicing, slices: readonly Slice[]): Slicing {
  const fallback = slices.findIndex(({ isDefault }) => isDefault);
  const isTold = slices.every(({ matches, isDefault }) => matches !== undefined || isDefault);
  const strayed = strays(ctx, slicing, isTold);
  return (items, at, depth, chosen) => {
    const members: number[][] = slices.map(() => []);
    let last = 0;
    let unmatched = false;
    const count = chosen?.length ?? items.values.length;
    at.sliceTests.left -= count * slices.length;
    if (at.sliceTests.left < 0) return tooMany(ctx, items, at, depth);
    for (let n = 0; n < count; n++) {
      const i = chosen ? chosen[n]! : n;
      const value = items.values[i];
      let slice = slices.findIndex((one) => one.matches?.(value, items.siblings[i], items.type, at) ?? false);
      if (slice < 0) slice = fallback;
      const index = items.isList ? i : NO_INDEX;
      strayed?.(at, depth, items.name, index, slice < 0, unmatched, slice >= 0 && slice < last);
      if (slice < 0) {
        unmatched = true;
        continue;
      }
      last = Math.max(last, slice);
      members[slice]!.push(i);
      slices[slice]!.item?.(value, items.siblings[i], items.type, at, depth, items.name, index);
    }
    slices.forEach((slice, s) => countSlice(ctx, slice, members[s]!, items, at, depth));
  };
}

/** Values and slices so many that telling which belong together takes too long: then the profile is not known to hold. */
function tooMany({ demander }: CompileContext, { name }: Items, at: ValidationState, depth: number): void {
  const text = `The element '${name}' has too many values to find the slice of each (${demander}): split the resource.`;
  at.report('profile-slicing-size', depth, name, NO_INDEX, text);
}

function countSlice(
  { demander }: CompileContext,
  slice: Slice,
  members: readonly number[],
  items: Items,
  at: ValidationState,
  depth: number,
): void {
  if (slice.matches === undefined && !slice.isDefault) return;
  const { name } = items;
  if (members.length < slice.min) {
    const text = `The element '${name}' needs ${slice.min} of the slice '${slice.name}' (${demander}): add what is missing.`;
    at.report('profile-slice-min', depth, name, NO_INDEX, text);
  } else if (members.length > slice.max) {
    const advice = slice.max === 0 ? 'may have none' : `may have at most ${slice.max}`;
    const text = `The element '${name}' ${advice} of the slice '${slice.name}' (${demander}): remove the others.`;
    at.report('profile-slice-max', depth, name, items.isList ? members[slice.max]! : NO_INDEX, text);
  }
  if (members.length > 0 || slice.min > 0) slice.inner?.(items, at, depth, members);
}

type Strayed = (
  at: ValidationState,
  depth: number,
  name: string,
  index: number,
  isUnmatched: boolean,
  afterUnmatched: boolean,
  isEarlier: boolean,
) => void;

/** What is told of values that are in no slice, or not in their order; undefined where both are allowed. */
function strays(
  { demander }: CompileContext,
  { rules, ordered }: ElementSlicing,
  isTold: boolean,
): Strayed | undefined {
  if (!isTold || (rules === 'open' && !ordered)) return undefined;
  return (at, depth, name, index, isUnmatched, afterUnmatched, isEarlier) => {
    if (isUnmatched && rules === 'closed') {
      const text = `This value of '${name}' belongs to no slice, and others are not allowed (${demander}): remove or correct it.`;
      at.report('profile-slicing-closed', depth, name, index, text);
    } else if (!isUnmatched && afterUnmatched && rules === 'openAtEnd') {
      const text = `Values of '${name}' that belong to no slice must come last (${demander}): put them at the end.`;
      at.report('profile-slicing-order', depth, name, index, text);
    } else if (ordered && isEarlier) {
      const text = `The values of '${name}' must be in the order of their slices (${demander}): reorder them.`;
      at.report('profile-slicing-order', depth, name, index, text);
    }
  };
}
