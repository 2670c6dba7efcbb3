import { isJsonObject, member, sameContent, setMember } from '../../fhir/patch/tree.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { CheckedWrite } from '../access.ts';
import type { ElementPath } from './elementPaths.ts';
import { hasElement, withoutElements } from './withoutElements.ts';

/** Elements that a write may not touch. */
export interface GuardedElements {
  /** Not seen by who writes: never accepted, and kept as they are. */
  hidden: readonly ElementPath[];
  /** Seen, and refused where they differ. */
  readonly: readonly ElementPath[];
}

/**
 * Compares what is to be written with the version before. A hidden element that is sent is refused whatever it is, since a
 * refusal only of other values would tell the value. Where items of an array have hidden parts, only the array as
 * it was shown is accepted: which part belongs to which item cannot be told otherwise.
 */
export function checkWrite(
  before: Resource | undefined,
  after: Resource,
  guarded: GuardedElements,
): CheckedWrite {
  const type = after.resourceType;
  const refused = new Set<string>();
  for (const path of guarded.hidden) {
    if (hasElement(after, [path])) refused.add(`${type}.${path.join('.')}`);
  }
  if (refused.size > 0) return { resource: after, refused: [...refused] };
  const resource: Resource = { ...after };
  if (before) restore(before, resource, guarded.hidden, [type], refused);
  for (const path of guarded.readonly) {
    if (!sameContent(elementsAt(before, path), elementsAt(resource, path)))
      refused.add(`${type}.${path.join('.')}`);
  }
  return { resource, refused: [...refused] };
}

/** Puts into an object what it has lost of the one before, all of which was hidden. */
function restore(
  before: JsonObject,
  after: JsonObject,
  hidden: readonly ElementPath[],
  place: readonly string[],
  refused: Set<string>,
): void {
  for (const name of new Set(hidden.map(([first]) => first!))) {
    const below = hidden.filter(([first]) => first === name).map((path) => path.slice(1));
    if (below.some(({ length }) => length === 0)) {
      for (const property of [name, `_${name}`]) {
        const value = member(before, property);
        if (value !== undefined) setMember(after, property, value);
      }
      continue;
    }
    const was = member(before, name);
    if (!hasElement(was, below)) continue;
    const is = member(after, name);
    if (isJsonObject(was) && isJsonObject(is)) {
      const restored = { ...is };
      restore(was, restored, below, [...place, name], refused);
      setMember(after, name, restored);
    } else if (sameContent(shownOf(was, below), is)) setMember(after, name, was);
    else refused.add([...place, name].join('.'));
  }
}

/** What is shown of a value; undefined where that is nothing. */
function shownOf(value: unknown, hidden: readonly ElementPath[]): unknown {
  return withoutElements(
    { value },
    hidden.map((path) => ['value', ...path]),
  )['value'];
}

/**
 * What a path leads to, as a nest of arrays in the order of the resource, with what stands beside primitives. Items
 * without it count only where one follows that has it; undefined: there is nothing.
 */
function elementsAt(value: unknown, path: ElementPath): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(value)) {
    const found = value.map((item) => elementsAt(item, path));
    const last = found.findLastIndex((item) => item !== undefined);
    return last < 0 ? undefined : found.slice(0, last + 1);
  }
  if (!isJsonObject(value)) return undefined;
  const found = elementsAt(member(value, name), rest);
  if (rest.length > 0) return found;
  const beside = member(value, `_${name}`);
  return found === undefined && beside === undefined ? undefined : [found, beside];
}
