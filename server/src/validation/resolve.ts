import type { JsonObject } from '../fhir/resource.ts';

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;
const VERSION = /\/_history\/[^/]*$/;
const RESTFUL = /^(https?:\/\/.*\/)[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;

/** The entries of a Bundle by what refers to them, so that each reference takes the same short time. */
export class BundleIndex {
  readonly bundle: JsonObject;
  /** By fullUrl, and by fullUrl and version. */
  readonly #byUrl = new Map<string, JsonObject>();
  /** By `Type/id`, and with the version. */
  readonly #byName = new Map<string, JsonObject>();
  readonly #urls = new Map<JsonObject, string>();

  constructor(bundle: JsonObject) {
    this.bundle = bundle;
    const isAsked = bundle.type === 'transaction' || bundle.type === 'batch';
    for (const { fullUrl, resource, request } of items(bundle.entry)) {
      if (!isPlainObject(resource)) continue;
      if (typeof fullUrl === 'string') this.#urls.set(resource, fullUrl);
      if (isAsked && isPatch(request)) continue;
      if (typeof fullUrl === 'string') addTo(this.#byUrl, fullUrl, resource);
      addTo(this.#byName, `${String(resource.resourceType)}/${String(resource.id)}`, resource);
    }
  }

  /** What a reference in an entry leads to, or may be meant to: where no fullUrl tells, the entry with its type and id. */
  resolve(reference: string, from: JsonObject): JsonObject | undefined {
    const found = this.resolveByUrl(reference, from);
    if (found !== undefined || ABSOLUTE.test(reference)) return found;
    return ofVersion(this.#byName, reference);
  }

  /** What a reference in an entry leads to by the rules of http://hl7.org/fhir/R4/bundle.html#references, which know fullUrls only. */
  resolveByUrl(reference: string, from: JsonObject): JsonObject | undefined {
    if (ABSOLUTE.test(reference)) return ofVersion(this.#byUrl, reference);
    const base = RESTFUL.exec(this.#urls.get(from) ?? '')?.[1];
    return base === undefined ? undefined : ofVersion(this.#byUrl, base + reference);
  }
}

/** Of an entry that patches, the fullUrl is that of what is patched, and the resource a patch. */
const isPatch = (request: unknown): boolean => isPlainObject(request) && request.method === 'PATCH';

/** The contained resources of a container by id, so that each reference takes the same short time. */
export class ContainedIndex {
  readonly container: JsonObject;
  readonly #byId = new Map<unknown, JsonObject>();

  constructor(container: JsonObject) {
    this.container = container;
    for (const one of items(container.contained)) if (!this.#byId.has(one.id)) this.#byId.set(one.id, one);
  }

  /** The first with an id. */
  resolve(id: string): JsonObject | undefined {
    return this.#byId.get(id);
  }
}

const HISTORY = '/_history/';

/** The first of several, and the first of each version. */
function addTo(map: Map<string, JsonObject>, key: string, resource: JsonObject): void {
  const version = versionOf(resource);
  for (const one of [key, `${key}${HISTORY}${typeof version === 'string' ? version : ''}`])
    if (!map.has(one)) map.set(one, resource);
}

/** The resource that says that it is of the version that is asked for, else one that says nothing of its version. */
function ofVersion(map: ReadonlyMap<string, JsonObject>, reference: string): JsonObject | undefined {
  const found = map.get(reference);
  if (found !== undefined || !reference.includes(HISTORY)) return found;
  return map.get(reference.replace(VERSION, HISTORY));
}

const versionOf = ({ meta }: JsonObject): unknown => (isPlainObject(meta) ? meta.versionId : undefined);

function items(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isPlainObject) : [];
}

function isPlainObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
