import { isJsonObject, setMember } from '../../fhir/patch/tree.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { ElementPath } from './elementPaths.ts';

/**
 * A copy of a tree without the elements that paths lead to, in every item of arrays on the way, with what stands beside
 * primitives (`_birthDate`). What is left empty goes, too: FHIR has no empty objects and arrays.
 */
export function withoutElements(tree: JsonObject, paths: readonly ElementPath[]): JsonObject {
  return remaining(tree, paths) ?? {};
}

/** Undefined where nothing remains. */
function remaining(object: JsonObject, paths: readonly ElementPath[]): JsonObject | undefined {
  const rest: JsonObject = {};
  let isEmpty = true;
  for (const [property, value] of Object.entries(object)) {
    const name = property.startsWith('_') ? property.slice(1) : property;
    const below = paths.filter(([first]) => first === name).map((path) => path.slice(1));
    const kept = below.length === 0 ? value : keptValue(value, below);
    if (kept === undefined) continue;
    setMember(rest, property, kept);
    isEmpty = false;
  }
  return isEmpty ? undefined : rest;
}

function keptValue(value: unknown, paths: readonly ElementPath[]): unknown {
  if (paths.some(({ length }) => length === 0)) return undefined;
  if (Array.isArray(value)) {
    const kept = value.map((item) => keptValue(item, paths)).filter((item) => item !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  return isJsonObject(value) ? remaining(value, paths) : value;
}

/** Whether the tree has an element that one of the paths leads to. */
export function hasElement(tree: unknown, paths: readonly ElementPath[]): boolean {
  return paths.some((path) => has(tree, path));
}

function has(value: unknown, path: ElementPath): boolean {
  const [name, ...rest] = path;
  if (Array.isArray(value)) return value.some((item) => has(item, path));
  if (name === undefined) return value !== undefined;
  if (!isJsonObject(value)) return false;
  const beside = rest.length === 0 && Object.hasOwn(value, `_${name}`);
  return beside || (Object.hasOwn(value, name) && has(value[name], rest));
}
