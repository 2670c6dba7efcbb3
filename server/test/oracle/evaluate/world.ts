/** A JSON object, of which nothing is known. */
export type Json = Record<string, unknown>;

/** A resource as the server holds it. */
export interface Stored {
  type: string;
  id: string;
  /** Counts up with the creation of resources. */
  order: number;
  resource: Json & { resourceType: string; id: string };
  /** What is contained stands in another resource, and is a result of a search only where `_contained` says so. */
  container?: Stored;
}

/** All that a search can find. */
export interface World {
  /** URL of the server's FHIR endpoint, without a slash at its end. */
  base: string;
  /** In the order of creation. */
  resources: readonly Stored[];
  ofType(type: string): readonly Stored[];
  /** By `Type/id`. */
  get(name: string): Stored | undefined;
  /** Resources whose `url` is the given canonical, without version. */
  byUrl(url: string): readonly Stored[];
}

/** `Type/id`; of what is contained, the container's with `#` and the id within it. */
export function nameOf({ type, id, container }: Stored): string {
  return container ? `${nameOf(container)}#${id}` : `${type}/${id}`;
}

/** What has a name; also what is contained. */
export function named(world: World, name: string): Stored | undefined {
  const [outer = '', inner] = name.split('#');
  const found = world.get(outer);
  return inner === undefined || !found ? found : containedIn(found).find(({ id }) => id === inner);
}

export function createWorldOf(base: string, stored: readonly Stored[]): World {
  const resources = [...stored].sort((a, b) => a.order - b.order);
  const byName = new Map(resources.map((one) => [nameOf(one), one]));
  const byType = Map.groupBy(resources, ({ type }) => type);
  const byUrl = Map.groupBy(resources, ({ resource }) => resource.url);
  return {
    base,
    resources,
    ofType: (type) => byType.get(type) ?? [],
    get: (name) => byName.get(name),
    byUrl: (url) => byUrl.get(url) ?? [],
  };
}

/** The resources that a resource contains, each by its local id. */
export function containedIn(container: Stored): Stored[] {
  const inside = (container.resource.contained ?? []) as Stored['resource'][];
  return inside.map((resource) => ({
    type: resource.resourceType,
    id: resource.id,
    order: -1,
    resource,
    container,
  }));
}

export const object = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
export const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
