import type { JsonObject } from '../fhir/resource.ts';

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;
const VERSION = /\/_history\/([^/]*)$/;
const RESTFUL = /^(https?:\/\/.*\/)[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;

/** The entries of a Bundle by what refers to them, so that each reference takes the same short time. */
export class BundleIndex {
  readonly bundle: JsonObject;
  /** Several where an entry stands in several versions. */
  readonly #byUrl = new Map<string, JsonObject[]>();
  /** By `Type/id`. */
  readonly #byName = new Map<string, JsonObject[]>();
  readonly #urls = new Map<JsonObject, string>();

  constructor(bundle: JsonObject) {
    this.bundle = bundle;
    for (const { fullUrl, resource } of items(bundle.entry)) {
      if (!isPlainObject(resource)) continue;
      if (typeof fullUrl === 'string') {
        addTo(this.#byUrl, fullUrl, resource);
        this.#urls.set(resource, fullUrl);
      }
      addTo(this.#byName, `${String(resource.resourceType)}/${String(resource.id)}`, resource);
    }
  }

  /** What a reference in an entry leads to, or may be meant to: where no fullUrl tells, the entry with its type and id. */
  resolve(reference: string, from: JsonObject): JsonObject | undefined {
    const { target, version } = splitVersion(reference);
    const found = this.resolveByUrl(reference, from);
    if (found !== undefined || ABSOLUTE.test(target)) return found;
    return ofVersion(this.#byName.get(target), version);
  }

  /** What a reference in an entry leads to by the rules of http://hl7.org/fhir/R4/bundle.html#references, which know fullUrls only. */
  resolveByUrl(reference: string, from: JsonObject): JsonObject | undefined {
    const { target, version } = splitVersion(reference);
    if (ABSOLUTE.test(target)) return ofVersion(this.#byUrl.get(target), version);
    const base = RESTFUL.exec(this.#urls.get(from) ?? '')?.[1];
    return base === undefined ? undefined : ofVersion(this.#byUrl.get(base + target), version);
  }
}

function addTo(map: Map<string, JsonObject[]>, key: string, resource: JsonObject): void {
  const others = map.get(key);
  if (others) others.push(resource);
  else map.set(key, [resource]);
}

function splitVersion(reference: string): { target: string; version?: string } {
  const [tail, version] = (reference.includes('/_history/') && VERSION.exec(reference)) || [];
  if (tail === undefined || version === undefined) return { target: reference };
  return { target: reference.slice(0, -tail.length), version };
}

/** The resource that says that it is of this version, else one that says nothing of its version; the first where none is asked for. */
function ofVersion(
  resources: readonly JsonObject[] | undefined,
  version: string | undefined,
): JsonObject | undefined {
  if (version === undefined) return resources?.[0];
  return (
    resources?.find((one) => versionOf(one) === version) ??
    resources?.find((one) => versionOf(one) === undefined)
  );
}

const versionOf = ({ meta }: JsonObject): unknown => (isPlainObject(meta) ? meta.versionId : undefined);

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
