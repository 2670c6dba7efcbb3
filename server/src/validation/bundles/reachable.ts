import type { JsonObject } from '../../fhir/resource.ts';
import { isObject, type ValidationState } from '../state.ts';

/** The resources of the entries that links connect with the first, in either direction. */
export function reachable(state: ValidationState, entries: readonly unknown[]): ReadonlySet<JsonObject> {
  const resources = entries.flatMap((entry) =>
    isObject(entry) && isObject(entry.resource) ? [entry.resource] : [],
  );
  const neighbours = new Map(resources.map((resource) => [resource, new Set<JsonObject>()]));
  const { container } = state;
  for (const resource of resources) {
    state.container = resource;
    for (const reference of references(resource)) {
      const target = state.resolve(reference);
      if (target === undefined || target === resource) continue;
      neighbours.get(resource)?.add(target);
      neighbours.get(target)?.add(resource);
    }
  }
  state.container = container;
  const reached = new Set(resources.slice(0, 1));
  for (const resource of reached) {
    for (const other of neighbours.get(resource) ?? []) reached.add(other);
  }
  return reached;
}

/** Every `reference` in a resource that leads out of it. */
function references(resource: JsonObject): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, child] of Object.entries(value)) {
      if (name === 'reference' && typeof child === 'string' && !child.startsWith('#')) found.push(child);
      else visit(child);
    }
  };
  visit(resource);
  return found;
}
