import type { IncomingMessage } from 'node:http';
import { fhirError } from '../../fhir/outcome.ts';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Headers that a page of an allowed origin may read. */
const EXPOSED =
  'ETag, Last-Modified, Location, Content-Location, Accept-Patch, Link, WWW-Authenticate, Warning, X-Request-Id, Retry-After, X-Progress, Tus-Resumable, Upload-Expires, Upload-Length, Upload-Offset';
/** Methods that some URL of the FHIR base takes. */
export const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const ALLOWED_HEADERS =
  'Accept, Authorization, Cache-Control, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Last-Event-ID, Prefer, Tus-Resumable, Upload-Length, Upload-Metadata, Upload-Offset, X-HTTP-Method-Override, X-Medplum, X-Medplum-On-Behalf-Of, X-Provenance, X-Request-Id, X-Security-Context';
const PREFLIGHT_MAX_AGE_S = 600;

const EVERY_ORIGIN = '*';

/** Which web pages may use the server, and under which names it answers. */
export class Origins {
  readonly #origins: ReadonlySet<string>;
  readonly #all: boolean;
  readonly #hosts: ReadonlySet<string>;
  /** The last Host header that was allowed: nearly all requests have the same one. */
  #lastOwnName: string | undefined;

  /** @param origins web origins allowed besides loopback ones @param publicUrl address of the server itself */
  constructor(origins: readonly string[], publicUrl: string) {
    this.#origins = new Set([...origins, new URL(publicUrl).origin]);
    this.#all = this.#origins.has(EVERY_ORIGIN);
    this.#hosts = new Set([new URL(publicUrl).hostname]);
  }

  /**
   * A page from elsewhere gets nothing out of its reader's browser: neither by a cross-origin request nor by a name that it
   * points at this machine (DNS rebinding). What opens the records is the token; this is the second wall.
   *
   * @throws FhirError `forbidden`
   */
  check(request: IncomingMessage): void {
    if (!this.#isOwnName(request.headers.host)) {
      throw fhirError(
        'forbidden',
        'security',
        'The Host header names another server: use localhost, 127.0.0.1 or the public address.',
      );
    }
    const origin = request.headers.origin;
    if (origin !== undefined && !this.#allows(origin)) {
      throw fhirError(
        'forbidden',
        'security',
        'Pages of this origin may not use the server: list it in CORS_ORIGINS.',
      );
    }
  }

  /** CORS headers of an answer; none for requests that no page sent. */
  headers(request: IncomingMessage): Record<string, string> {
    const origin = request.headers.origin;
    if (origin === undefined || !this.#allows(origin)) return {};
    return {
      'Access-Control-Allow-Origin': origin,
      // Some clients send cookies along, and browsers then want this. None is looked at here.
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Expose-Headers': EXPOSED,
    };
  }

  /** What an OPTIONS request adds (CORS preflight). */
  preflightHeaders(): Record<string, string> {
    return {
      'Access-Control-Allow-Methods': ALLOWED_METHODS,
      'Access-Control-Allow-Headers': ALLOWED_HEADERS,
      'Access-Control-Max-Age': String(PREFLIGHT_MAX_AGE_S),
    };
  }

  #isOwnName(header = ''): boolean {
    if (header === this.#lastOwnName) return true;
    const host = hostName(header);
    const isOwn = host !== undefined && (LOOPBACK_NAMES.has(host) || this.#hosts.has(host));
    if (isOwn) this.#lastOwnName = header;
    return isOwn;
  }

  #allows(origin: string): boolean {
    if (this.#all || this.#origins.has(origin)) return true;
    return URL.canParse(origin) && LOOPBACK_NAMES.has(new URL(origin).hostname);
  }
}

function hostName(host: string): string | undefined {
  return /^(\[[0-9a-f:]+\]|[\w.-]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
}
