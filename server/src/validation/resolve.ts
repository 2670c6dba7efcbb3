import type { JsonObject } from '../fhir/resource.ts';

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;
const VERSION = /\/_history\/[^/]*$/;
const RESTFUL = /^(https?:\/\/.*\/)[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;

/** The entries of a Bundle by what refers to them, so that each reference takes the same short time. */
export class BundleIndex {
  readonly bundle: JsonObject;
  readonly #byUrl = new Map<string, JsonObject>();
  /** By `Type/id`. */
  readonly #byName = new Map<string, JsonObject>();
  readonly #urls = new Map<JsonObject, string>();

  constructor(bundle: JsonObject) {
    this.bundle = bundle;
    for (const { fullUrl, resource } of items(bundle.entry)) {
      if (!isPlainObject(resource)) continue;
      if (typeof fullUrl === 'string') {
        if (!this.#byUrl.has(fullUrl)) this.#byUrl.set(fullUrl, resource);
        this.#urls.set(resource, fullUrl);
      }
      const name = `${String(resource.resourceType)}/${String(resource.id)}`;
      if (!this.#byName.has(name)) this.#byName.set(name, resource);
    }
  }

  /** What a reference in an entry leads to (http://hl7.org/fhir/R4/bundle.html#references). */
  resolve(reference: string, from: JsonObject): JsonObject | undefined {
    const target = reference.includes('/_history/') ? reference.replace(VERSION, '') : reference;
    if (ABSOLUTE.test(target)) return this.#byUrl.get(target);
    const base = RESTFUL.exec(this.#urls.get(from) ?? '')?.[1];
    return (base === undefined ? undefined : this.#byUrl.get(base + target)) ?? this.#byName.get(target);
  }
}

/**
 * What a reference leads to within what was sent: `#id` names a contained resource (`#` the container), others an entry of the
 * Bundle by its fullUrl, a relative one also by type and id.
 *
 * @param container resource with the `contained` that `#id` means
 */
export function resolveInside(
  reference: string,
  container: JsonObject,
  bundle: BundleIndex | undefined,
): JsonObject | undefined {
  if (!reference.startsWith('#')) return bundle?.resolve(reference, container);
  if (reference === '#') return container;
  return items(container.contained).find((contained) => contained.id === reference.slice(1));
}

function items(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isPlainObject) : [];
}

function isPlainObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
