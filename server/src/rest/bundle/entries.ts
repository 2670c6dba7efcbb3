import type { Definitions } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import { atEntry } from '../../records/transaction/atEntry.ts';
import { errorResponse } from '../http/errors.ts';
import { decodePart, parseQuery } from '../http/query.ts';
import type { FhirRequest } from '../http/types.ts';
import { route, type Route } from '../router.ts';
import { entryConditions, type EntryConditions } from './conditions.ts';

/** One entry of a batch or transaction, its request understood. */
export interface BundleEntry extends EntryConditions {
  index: number;
  /** FHIRPath of the entry. */
  at: string;
  method: string;
  /** Below the FHIR base, as it was sent. */
  url: string;
  route: Route;
  query: [string, string][];
  fullUrl?: string;
  /** The resource as plain values and as exact text tree (see ParsedJson). */
  value?: Resource;
  exact?: Resource;
  request: JsonObject;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Understands `entry[index]`.
 *
 * @throws FhirError with an `expression` in the bundle when it cannot be
 */
export function bundleEntry(
  definitions: Definitions,
  base: string,
  index: number,
  value: JsonObject,
  exact: JsonObject,
): BundleEntry {
  const at = `Bundle.entry[${index}]`;
  const request = value.request as Partial<Record<string, unknown>> | null | undefined;
  if (typeof request !== 'object' || request === null || typeof request.url !== 'string') {
    const text = 'Every entry needs a request with method and url.';
    throw fhirError('incorrect', 'required', text, `${at}.request`);
  }
  const method = typeof request.method === 'string' ? request.method : '';
  if (!METHODS.has(method)) {
    const text = 'The method must be GET, HEAD, POST, PUT, PATCH or DELETE.';
    throw fhirError('incorrect', 'not-supported', text, `${at}.request.method`);
  }
  const address = request.url;
  const { url, query, found } = atEntry(`${at}.request.url`, () => {
    const { path, ...parts } = splitUrl(base, address);
    return { ...parts, found: route(definitions, method, path) };
  });
  const conditions = entryConditions(found.interaction, request, at);
  const entry: BundleEntry = { index, at, method, url, route: found, query, request, ...conditions };
  if (typeof value.fullUrl === 'string') entry.fullUrl = value.fullUrl;
  if (value.resource !== undefined) {
    entry.value = value.resource as Resource;
    entry.exact = exact.resource as Resource;
  }
  if (needsResource(entry) && entry.value === undefined) {
    const text = `An entry with method ${method} needs a resource.`;
    throw fhirError('incorrect', 'required', text, `${at}.resource`);
  }
  requireSameIdentity(definitions, entry);
  return entry;
}

/** A fullUrl that names a resource of a server. */
const RESOURCE_URL = /^https?:\/\/.*\/([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/s;

/**
 * http://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl: it may not disagree with the id of the resource. A resource
 * without an id says nothing; the type of a written one is that of its request.
 *
 * @throws FhirError `incorrect`
 */
function requireSameIdentity(
  definitions: Definitions,
  { method, route: { interaction }, fullUrl = '', value, at }: BundleEntry,
): void {
  const isWritten = method === 'PUT' || (method === 'POST' && interaction === 'create');
  if (!isWritten || typeof value?.id !== 'string') return;
  const [, type, id] = RESOURCE_URL.exec(fullUrl) ?? [];
  if (id === undefined || !definitions.isResourceType(type!)) return;
  if (type === value.resourceType && id === value.id) return;
  const text =
    'The fullUrl ends in another type or id than the resource has: correct one of them, or give the entry a urn:uuid as fullUrl.';
  throw fhirError('incorrect', 'invalid', text, `${at}.fullUrl`);
}

const needsResource = ({ method, route: { interaction } }: BundleEntry) =>
  method === 'PUT' || method === 'PATCH' || (method === 'POST' && interaction === 'create');

/** Whether an entry only reads, by method. */
export const isRead = ({ method }: BundleEntry): boolean => method === 'GET' || method === 'HEAD';

/** Whether the client wants to know what a GET would say, without the resource. */
export const isHead = ({ method }: Pick<BundleEntry, 'method'>): boolean => method === 'HEAD';

/** The answer of an entry that failed: also by a defect of ours, since its neighbours may have been stored. */
export function failedEntry(request: FhirRequest, error: unknown): string {
  const { status, body } = errorResponse(error, request.onDefect);
  return `{"response":{"status":"${status}","outcome":${body}}}`;
}

/** `Patient/1?x=y`, relative or below our base. */
function splitUrl(base: string, url: string): { url: string; path: string; query: [string, string][] } {
  const relative = url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url;
  const mark = relative.indexOf('?');
  const path = mark < 0 ? relative : relative.slice(0, mark);
  decodePart(path);
  return { url: relative, path, query: mark < 0 ? [] : parseQuery(relative.slice(mark + 1)) };
}
