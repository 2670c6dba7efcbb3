import type { JsonObject } from '../fhir/resource.ts';

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;
const VERSION = /\/_history\/[^/]*$/;

/**
 * What a reference leads to within what was sent: `#id` names a contained resource (`#` the container), others an
 * entry of the Bundle by its fullUrl; a relative one by the rules of http://hl7.org/fhir/R4/bundle.html#references.
 *
 * @param container resource with the `contained` that `#id` means
 * @param fullUrl of the entry that the reference stands in, if there is one
 */
export function resolveInside(
  reference: string,
  container: JsonObject,
  bundle: JsonObject | undefined,
): JsonObject | undefined {
  if (reference.startsWith('#')) {
    if (reference === '#') return container;
    return items(container.contained).find((contained) => contained.id === reference.slice(1));
  }
  if (bundle === undefined) return undefined;
  const entries = items(bundle.entry);
  const target = reference.replace(VERSION, '');
  if (ABSOLUTE.test(target)) return resourceOf(entries.find(({ fullUrl }) => fullUrl === target));
  const own = entries.find(({ resource }) => resource === container)?.fullUrl;
  const absolute = typeof own === 'string' ? withSameBase(own, target) : undefined;
  const exact = absolute === undefined ? undefined : entries.find(({ fullUrl }) => fullUrl === absolute);
  return resourceOf(exact ?? entries.find((entry) => isNamed(entry, target)));
}

/** The absolute form of a relative reference that stands in an entry with a RESTful fullUrl. */
function withSameBase(fullUrl: string, reference: string): string | undefined {
  const base = /^(https?:\/\/.*\/)[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(fullUrl)?.[1];
  return base === undefined ? undefined : base + reference;
}

function isNamed(entry: JsonObject, reference: string): boolean {
  const { resourceType, id } = resourceOf(entry) ?? {};
  return typeof id === 'string' && `${String(resourceType)}/${id}` === reference;
}

function resourceOf(entry: JsonObject | undefined): JsonObject | undefined {
  const resource = entry?.resource;
  return isPlainObject(resource) ? resource : undefined;
}

function items(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isPlainObject) : [];
}

function isPlainObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
