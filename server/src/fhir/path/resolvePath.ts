import type { CodeSet, Definitions, ElementDefinition } from '../definitions/types.ts';
import type { PathStep } from './parsePath.ts';

/** What the JSON of a resource is asked for, one after the other. */
export type Hop =
  | { kind: 'property'; name: string; repeats: boolean }
  | { kind: 'where'; element: string; equals: string }
  | { kind: 'item'; index: number };

/** A path through JSON properties to elements of one FHIR type. */
export interface ResolvedPath {
  hops: Hop[];
  /** FHIR type of the elements, e.g. `CodeableConcept`, `BackboneElement`. */
  type: string;
  /** Of codes whose binding is required: those that there may be, by system, where they can be listed. */
  codes?: CodeSet;
  /** The elements that a further step can name. */
  children: readonly ElementDefinition[];
  /** Whether it can select more than one element of a resource. */
  repeats: boolean;
  /** Whether every valid resource has at least one such element. */
  required: boolean;
}

/** The start of all paths of a type. Undefined when there is no such type. */
export function pathStart(definitions: Definitions, typeName: string): ResolvedPath | undefined {
  const type = definitions.type(typeName);
  return type && { hops: [], type: typeName, children: type.elements, repeats: false, required: true };
}

/**
 * Finds the JSON properties that steps lead through; one result for each type that a choice allows and that has what is below it.
 *
 * @returns undefined when the definitions do not tell (an element that no type has, `ofType` on something that is no choice, an
 *   index below a repeating element)
 */
export function resolvePath(
  definitions: Definitions,
  start: ResolvedPath,
  steps: readonly PathStep[],
): ResolvedPath[] | undefined {
  let paths: ResolvedPath[] = [start];
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    const after = steps[i + 1];
    const able = step.kind === 'element' ? paths.filter((path) => !lacks(path, step.name)) : paths;
    const next: (ResolvedPath | undefined)[] = able.flatMap((path) => follow(definitions, path, step, after));
    if (next.length === 0 || next.includes(undefined)) return undefined;
    const isCertain = able.length === paths.length;
    paths = (next as ResolvedPath[]).map((path) => (isCertain ? path : { ...path, required: false }));
  }
  return paths;
}

/** What elements of every type have, primitive ones in a property of its own: a path does not lead there. */
const OF_EVERY_TYPE: ReadonlySet<string> = new Set(['id', 'extension']);

/** Whether nothing of a path's type can have an element: so `value.code` of an extension leads to codings and quantities only. */
const lacks = ({ type, children }: ResolvedPath, name: string): boolean =>
  type !== 'Resource' && !OF_EVERY_TYPE.has(name) && named(children, name) === undefined;

function follow(
  definitions: Definitions,
  path: ResolvedPath,
  step: PathStep,
  after: PathStep | undefined,
): (ResolvedPath | undefined)[] {
  switch (step.kind) {
    case 'element':
      return children(definitions, path, step.name, after);
    case 'ofType':
      return [isA(definitions, path.type, step.type) ? path : narrowed(definitions, path, step.type)];
    case 'where':
      return [{ ...path, hops: [...path.hops, step], required: false }];
    case 'item':
      return [
        repeatsOnlyAtItsEnd(path) ? { ...path, hops: [...path.hops, step], repeats: false } : undefined,
      ];
    case 'resolvesTo':
      return [undefined];
  }
}

/** Of any resource, one of a type; undefined for others, which are of the type or not. */
function narrowed(definitions: Definitions, path: ResolvedPath, type: string): ResolvedPath | undefined {
  if (path.type !== 'Resource' || !definitions.isResourceType(type)) return undefined;
  const isType: Hop = { kind: 'where', element: 'resourceType', equals: type };
  const { elements } = definitions.type(type)!;
  return { ...path, hops: [...path.hops, isType], type, children: elements, required: false };
}

function children(
  definitions: Definitions,
  path: ResolvedPath,
  name: string,
  after: PathStep | undefined,
): (ResolvedPath | undefined)[] {
  const found = named(path.children, name);
  if (!found) return [undefined];
  const { element } = found;
  if (!element.choice)
    return [child(definitions, path, element, element.types[0]?.code ?? 'BackboneElement')];
  const narrowed = after?.kind === 'ofType' ? after.type : undefined;
  const wanted = element.types.filter(
    ({ code }) =>
      (found.type === undefined || code === found.type) &&
      (narrowed === undefined || isA(definitions, code, narrowed)),
  );
  const required = wanted.length === element.types.length;
  return wanted.map((type) => {
    const one = child(definitions, path, element, type.code);
    return one && { ...one, required: one.required && required };
  });
}

/** The element of a name; of a choice also by its name in JSON (`valueDateTime`), as expressions of guides have it. */
function named(
  elements: readonly ElementDefinition[],
  name: string,
): { element: ElementDefinition; type?: string } | undefined {
  const own = elements.find((element) => element.name === name);
  if (own) return { element: own };
  for (const element of elements) {
    if (!element.choice || !name.startsWith(element.name)) continue;
    const type = element.types.find(({ code }) => element.name + capitalized(code) === name);
    if (type) return { element, type: type.code };
  }
  return undefined;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Whether a type is another one or comes of it: `ofType(uri)` takes canonicals, too. */
export function isA(definitions: Definitions, type: string, ancestor: string): boolean {
  for (let t: string | undefined = type; t !== undefined; t = definitions.type(t)?.base) {
    if (t === ancestor) return true;
  }
  return false;
}

function child(
  definitions: Definitions,
  path: ResolvedPath,
  element: ElementDefinition,
  type: string,
): ResolvedPath | undefined {
  const repeats = element.max !== 1;
  const name = element.choice ? element.name + capitalized(type) : element.name;
  const below = childElements(definitions, element, type);
  const codes = type === 'code' ? definitions.codes(element.requiredValueSet ?? '') : undefined;
  return (
    below && {
      hops: [...path.hops, { kind: 'property', name, repeats }],
      type,
      ...(codes && { codes }),
      children: below,
      repeats: path.repeats || repeats,
      required: path.required && element.min > 0,
    }
  );
}

/** The elements that one of a type has: its own, those of its type, or those of the element that it refers to. */
export function childElements(
  definitions: Definitions,
  element: ElementDefinition,
  type: string,
): readonly ElementDefinition[] | undefined {
  if (element.contentReference !== undefined)
    return elementAt(definitions, element.contentReference)?.children;
  return element.children ?? definitions.type(type)?.elements ?? [];
}

/** The element that a content reference names by its path, e.g. `Bundle.link`. */
function elementAt(definitions: Definitions, path: string): ElementDefinition | undefined {
  const [root = '', ...names] = path.split('.');
  let elements = definitions.type(root)?.elements;
  let found: ElementDefinition | undefined;
  for (const name of names) {
    found = elements?.find((element) => element.name === name);
    elements = found?.children;
  }
  return found;
}

/** An index counts through the whole collection, so it is one of JSON's only where a single array makes it up. */
function repeatsOnlyAtItsEnd(path: ResolvedPath): boolean {
  const last = path.hops.at(-1);
  const before = path.hops.slice(0, -1);
  return last?.kind === 'property' && before.every((hop) => hop.kind === 'property' && !hop.repeats);
}
