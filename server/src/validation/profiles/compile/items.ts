import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { JsonObject } from '../../../fhir/resource.ts';
import type { ElementConstraint, ElementType, StructureElement } from '../../../fhir/structures/structure.ts';
import { typeName } from '../canonical.ts';
import { isObject } from '../../state.ts';
import { bindingCheck, isStrength } from './bindings.ts';
import { boundCheck, lengthCheck } from './bounds.ts';
import { fixedCheck, isEqual, patternCheck } from './constants.ts';
import { constraintChecks } from './constraints.ts';
import { aggregationCheck } from './aggregation.ts';
import { narrativeCheck } from './narratives.ts';
import { referenceCheck } from './references.ts';
import type { BaseElement, CompileContext, ItemCheck, Part, ProfileLink } from './types.ts';

/**
 * What a definition asks of each value of an element beyond what its base asks.
 *
 * @param parts of what stands below it
 * @returns undefined where it asks nothing
 */
export function itemCheck(
  ctx: CompileContext,
  { element }: ElementNode,
  base: BaseElement | undefined,
  parts: readonly Part[],
): ItemCheck | undefined {
  const from = base?.node.element;
  const checks = [
    ...valueChecks(ctx, element, from),
    ...bindingChecks(ctx, element, from),
    ...typeChecks(ctx, element, from),
    ...constraintChecks(ctx, addedConstraints(ctx, element, from), focusOf(element, from)),
    ...(parts.length > 0 ? [below(parts)] : []),
  ];
  return combined(checks);
}

function combined(checks: readonly ItemCheck[]): ItemCheck | undefined {
  if (checks.length < 2) return checks[0];
  return (...value) => {
    for (const check of checks) check(...value);
  };
}

function valueChecks(
  ctx: CompileContext,
  element: StructureElement,
  base: StructureElement | undefined,
): ItemCheck[] {
  const { fixed, pattern, minValue, maxValue, maxLength, narrative } = element;
  const checks: ItemCheck[] = [];
  const isNew = (name: 'fixed' | 'pattern' | 'minValue' | 'maxValue'): boolean =>
    !isEqual(element[name]?.value, base?.[name]?.value);
  if (fixed && isNew('fixed')) checks.push(fixedCheck(ctx, fixed));
  if (pattern && isNew('pattern')) checks.push(patternCheck(ctx, pattern));
  if (minValue && isNew('minValue')) checks.push(boundCheck(ctx, 'minValue', minValue));
  if (maxValue && isNew('maxValue')) checks.push(boundCheck(ctx, 'maxValue', maxValue));
  if (narrative) checks.push(narrativeCheck(ctx, narrative));
  if (maxLength !== undefined && maxLength !== base?.maxLength) checks.push(lengthCheck(ctx, maxLength));
  return checks;
}

function bindingChecks(
  ctx: CompileContext,
  { binding, type }: StructureElement,
  base: StructureElement | undefined,
): ItemCheck[] {
  if (binding?.valueSet === undefined || !isStrength(binding.strength)) return [];
  if (type?.[0]?.code === 'Extension') return [];
  const limit = binding.maxValueSet;
  const isLimited = limit !== undefined && limit !== base?.binding?.maxValueSet;
  const checks = isLimited ? [bindingCheck(ctx, 'required', limit)] : [];
  const same =
    base?.binding?.strength === binding.strength &&
    base.binding.valueSet?.split('|')[0] === binding.valueSet.split('|')[0];
  if (!same) checks.push(bindingCheck(ctx, binding.strength, binding.valueSet, binding.contained));
  return checks;
}

/** Profiles of the types, and the targets of references. */
function typeChecks(
  ctx: CompileContext,
  { type = [] }: StructureElement,
  base: StructureElement | undefined,
): ItemCheck[] {
  const checks: ItemCheck[] = [];
  const baseTypes = base?.type ?? [];
  const references = type.filter(({ code }) => code === 'Reference');
  const narrowed = references.some((one) => !baseTypes.some((other) => isEqual(one, other)));
  const reference = narrowed ? referenceCheck(ctx, references) : undefined;
  if (reference) checks.push(reference);
  const aggregation = narrowed ? aggregationCheck(ctx, references) : undefined;
  if (aggregation) checks.push(aggregation);
  const profiled = type.filter(
    ({ code, profile }) => profile && !baseTypes.some((other) => isEqual({ code, profile }, other)),
  );
  if (profiled.length > 0) checks.push(profileCheck(ctx, type));
  return checks;
}

/** The value conforms to one of the profiles that are named for its type; told in detail where there is only one. */
function profileCheck(ctx: CompileContext, types: readonly ElementType[]): ItemCheck {
  const links = new Map<string, ProfileLink[]>();
  for (const { code, profile } of types)
    if (profile) links.set(typeName(code), [...(links.get(typeName(code)) ?? []), ...profile.map(ctx.link)]);
  const names = [...links.values()].flat().map(({ canonical }) => canonical);
  const isByUrl = names.length === 1 && ctx.isCheckedByUrl(names[0]!);
  return (value, _sibling, type, at, depth, name, index) => {
    if (!isObject(value)) return;
    const own = typeof value.resourceType === 'string' ? value.resourceType : type;
    const wanted = links.get(own) ?? (types.length === 1 ? [...links.values()][0] : undefined);
    if (wanted === undefined || wanted.some(({ check }) => check === undefined)) return;
    if (wanted.length === 1) {
      // It has been checked with the others that are here.
      if (own === 'Extension' && at.checksProfiles && isByUrl && value.url === names[0]) return;
      at.names[depth] = name;
      at.indexes[depth] = index;
      return wanted[0]!.check!(value, at, depth + 1);
    }
    if (wanted.some((link) => ctx.quiet.conforms(at, value, link))) return;
    const text = `The element '${name}' conforms to none of ${names.join(', ')} (${ctx.demander}): correct it.`;
    at.report('profile-value', depth, name, index, text);
  };
}

/** Those that neither the base element nor its type has: these were tested with the type. */
function addedConstraints(
  ctx: CompileContext,
  { constraint = [], type = [] }: StructureElement,
  base: StructureElement | undefined,
): ElementConstraint[] {
  if (constraint.length === 0) return [];
  const known = new Set(base?.constraint?.map(({ key }) => key));
  for (const { code } of type)
    for (const { key } of ctx.typeTree(typeName(code))?.element.constraint ?? []) known.add(key);
  return constraint.filter(({ key }) => !known.has(key));
}

/** What invariants are asked of: the path of an element whose type has no name of its own; undefined: the type of each value. */
function focusOf(
  { type = [], path }: StructureElement,
  base: StructureElement | undefined,
): string | undefined {
  const name = typeName(type[0]?.code ?? 'Element');
  return name === 'BackboneElement' || name === 'Element' ? (base?.path ?? path) : undefined;
}

/** What stands beside a primitive that has neither id nor extensions. */
const NOTHING: JsonObject = {};

/** Runs what stands below an element; a primitive has only its id and extensions, also where nothing stands beside it. */
function below(parts: readonly Part[]): ItemCheck {
  return (value, sibling, _type, at, depth, name, index) => {
    const object = isObject(value) ? value : isObject(sibling) ? sibling : NOTHING;
    if (depth + 1 > at.depthMax) return;
    at.names[depth] = name;
    at.indexes[depth] = index;
    if (typeof object.resourceType === 'string' && object !== at.resource)
      return inResource(object, at, depth + 1, name, () => {
        for (const part of parts) part(object, at, depth + 1);
      });
    for (const part of parts) part(object, at, depth + 1);
  };
}

/** Runs a check where `resource` is the resource that it stands in. */
export function inResource(
  resource: NonNullable<Parameters<Part>[0]>,
  at: Parameters<Part>[1],
  depth: number,
  name: string,
  check: () => void,
): void {
  const { resource: outer, resourceDepth, container, bundle } = at;
  at.resource = resource;
  at.resourceDepth = depth;
  if (name !== 'contained') at.container = resource;
  if (resource.resourceType === 'Bundle') at.bundle = resource;
  check();
  at.resource = outer;
  at.resourceDepth = resourceDepth;
  at.container = container;
  at.bundle = bundle;
}
