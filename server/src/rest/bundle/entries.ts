import type { Definitions } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import { errorResponse } from '../http/errors.ts';
import { expectedVersion } from '../http/etag.ts';
import { decodePart, parseQuery } from '../http/query.ts';
import type { FhirRequest } from '../http/types.ts';
import { route, type Route } from '../router.ts';

/** One entry of a batch or transaction, its request understood. */
export interface BundleEntry {
  index: number;
  method: string;
  route: Route;
  query: [string, string][];
  fullUrl?: string;
  /** The resource as plain values and as exact text tree (see ParsedJson). */
  value?: Resource;
  exact?: Resource;
  request: JsonObject;
  /** The version that `ifMatch` asks for. */
  expectedVersion?: number;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE']);

/** Preconditions that are not understood must never be ignored: the entry would do what was not asked for. */
const UNSUPPORTED_CONDITIONS = ['ifNoneExist', 'ifModifiedSince'];

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
    throw fhirError(
      'incorrect',
      'required',
      'Every entry needs a request with method and url.',
      `${at}.request`,
    );
  }
  const method = typeof request.method === 'string' ? request.method : '';
  if (!METHODS.has(method))
    throw fhirError(
      'incorrect',
      'not-supported',
      'The method must be GET, HEAD, POST, PUT or DELETE.',
      `${at}.request.method`,
    );
  const { path, query } = splitUrl(base, request.url);
  for (const name of UNSUPPORTED_CONDITIONS) {
    if (request[name] !== undefined)
      throw fhirError(
        'unprocessable',
        'not-supported',
        `${name} is not supported by this server: nothing was changed.`,
        `${at}.request.${name}`,
      );
  }
  const entry: BundleEntry = { index, method, route: route(definitions, method, path), query, request };
  if (request.ifMatch !== undefined) entry.expectedVersion = ifMatchVersion(request.ifMatch, at);
  if (typeof value.fullUrl === 'string') entry.fullUrl = value.fullUrl;
  if (value.resource !== undefined) {
    entry.value = value.resource as Resource;
    entry.exact = exact.resource as Resource;
  }
  const needsResource = method === 'PUT' || (method === 'POST' && entry.route.interaction === 'create');
  if (needsResource && entry.value === undefined) {
    throw fhirError(
      'incorrect',
      'required',
      `An entry with method ${method} needs a resource.`,
      `${at}.resource`,
    );
  }
  return entry;
}

function ifMatchVersion(ifMatch: unknown, at: string): number | undefined {
  if (typeof ifMatch === 'string') return expectedVersion(ifMatch);
  throw fhirError('incorrect', 'value', 'ifMatch must be one ETag, such as W/"3".', `${at}.request.ifMatch`);
}

/** The answer of an entry that failed: also by a defect of ours, since its neighbours may have been stored. */
export function failedEntry(request: FhirRequest, error: unknown): string {
  const { status, body } = errorResponse(error, request.onDefect);
  return `{"response":{"status":"${status}","outcome":${body}}}`;
}

/** `Patient/1?x=y`, relative or below our base. */
function splitUrl(base: string, url: string): { path: string; query: [string, string][] } {
  const relative = url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url;
  const mark = relative.indexOf('?');
  const path = mark < 0 ? relative : relative.slice(0, mark);
  decodePart(path);
  return { path, query: mark < 0 ? [] : parseQuery(relative.slice(mark + 1)) };
}
