import type { IncomingMessage, ServerResponse } from 'node:http';
import { FhirError } from '../../fhir/outcome.ts';
import { visitCookie, visitOf } from './visitCookie.ts';
import type { BundledPages, PageFile } from './pages.ts';
import { VIEWER_PATH, viewerUrl, type ViewerUrl } from './viewerUrl.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Visits of pages, by their paths below the root; identity has them. */
export interface VisitsOfPages {
  begin(ticket: string, page: string): Promise<{ id: string; lifetimeS: number } | undefined>;
  /** Value of a header Authorization; undefined where the visit is over. */
  authorizationOf(visit: string, page: string): Promise<string | undefined>;
}

export interface ViewerHandlerParts {
  /** Absolute URL of the store without a slash at its end. */
  root: string;
  visits: VisitsOfPages;
  pages: Pick<BundledPages, 'get'>;
  /** Those that have what the page shows; they judge who may see it. */
  services: Readonly<Record<'fhir' | 'dicomweb', Handler>>;
  /** Of every answer. */
  headers: Readonly<Record<string, string>>;
  /** Somebody asks who is not known (yet). @throws FhirError throttled */
  anonymous(request: IncomingMessage): void;
  onDefect(error: unknown): void;
}

/** The page and its parts come from here alone, and it talks to nobody else. Decoders are WebAssembly. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:", // cursors of Cornerstone's tools are blobs
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const KEPT = 'public, max-age=31536000, immutable'; // names of assets tell their content
const NOT_KEPT = 'no-store';
const STATUS_OF: Partial<Record<FhirError['category'], number>> = { throttled: 429, busy: 503 };
/** Seconds after which a browser asks again for a page that is being made. */
const RELOAD_AFTER_S = 2;

/**
 * The viewer of studies: `/viewer/[id of an ImagingStudy]`. The page itself holds nothing of anybody, and is for everybody; what it shows it asks for below its own
 * URL, where the cookie of a visit stands for an access token.
 *
 * @returns what handles a request; false for one for another URL, then nothing was done
 */
export function createViewerHandler(parts: ViewerHandlerParts): Handler {
  return (request, response) => {
    const asked = viewerUrl(request.url ?? '');
    if (asked === undefined) return false;
    answer(parts, asked, request, response).catch((error: unknown) => {
      const status = error instanceof FhirError ? STATUS_OF[error.category] : undefined;
      if (status === undefined) parts.onDefect(error);
      if (response.headersSent) response.destroy();
      else say(parts, response, status ?? 500, 'This cannot be shown at the moment. Try again in a minute.');
    });
    return true;
  };
}

async function answer(
  parts: ViewerHandlerParts,
  asked: ViewerUrl | 'unknown',
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return say(parts, response, 405, 'The viewer only shows.', { Allow: 'GET, HEAD' });
  if (asked === 'unknown') return say(parts, response, 404, 'There is nothing at this URL.');
  if (asked.kind === 'data') return passOn(parts, asked, request, response);
  if (asked.kind === 'page' && asked.ticket !== undefined) {
    parts.anonymous(request);
    return begin(parts, asked.studyId, asked.ticket, response);
  }
  return showFile(parts, asked.kind === 'asset' ? asked.name : 'index.html', request, response);
}

/** The ticket leaves the address bar. Where it was no good, the page finds out whether there is a visit all the same. */
async function begin(
  { root, visits, headers }: ViewerHandlerParts,
  studyId: string,
  ticket: string,
  response: ServerResponse,
): Promise<void> {
  const path = `${VIEWER_PATH}/${studyId}`;
  const page = `${root}${path}`;
  const visit = await visits.begin(ticket, path);
  if (visit) response.setHeader('Set-Cookie', visitCookie(visit.id, visit.lifetimeS, page));
  response.writeHead(303, { ...headers, ...HEADERS, 'Cache-Control': NOT_KEPT, Location: page }).end();
}

/** As if the page had sent the token: what it may see is judged where it is, each time anew. */
async function passOn(
  { visits, services }: ViewerHandlerParts,
  { studyId, service, url }: ViewerUrl & { kind: 'data' },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const visit = isFromPage(request) ? visitOf(request) : undefined;
  const page = `${VIEWER_PATH}/${studyId}`;
  const authorization = visit === undefined ? undefined : await visits.authorizationOf(visit, page);
  delete request.headers.authorization;
  delete request.headers['x-medplum-on-behalf-of'];
  if (authorization !== undefined) request.headers.authorization = authorization;
  request.url = url;
  services[service](request, response);
}

/** Pages of other origins of this site, which would be sent the cookie, too, get nothing by it: browsers say who asks. */
const isFromPage = ({ headers }: IncomingMessage): boolean =>
  headers.origin === undefined && (headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin';

async function showFile(
  parts: ViewerHandlerParts,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pages = await parts.pages.get();
  if (pages === 'being made')
    return say(
      parts,
      response,
      503,
      'The viewer is being prepared. This happens once, and takes some seconds.',
      {
        'Retry-After': String(RELOAD_AFTER_S),
        Refresh: String(RELOAD_AFTER_S),
      },
    );
  if (pages === 'cannot be made')
    return say(
      parts,
      response,
      503,
      'The viewer could not be prepared. Administrators: run `npm run build --workspace console`, and read what it says.',
    );
  const file = pages.get(name);
  if (!file) return say(parts, response, 404, 'There is nothing at this URL.');
  const { body, encoding } = encoded(file, request);
  response.writeHead(200, {
    ...parts.headers,
    ...HEADERS,
    'Content-Type': file.contentType,
    'Content-Length': body.length,
    'Cache-Control': name === 'index.html' ? 'no-cache' : KEPT,
    Vary: 'Accept-Encoding',
    ...(encoding !== undefined && { 'Content-Encoding': encoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function encoded(
  { bytes, gzip }: PageFile,
  { headers }: IncomingMessage,
): { body: Buffer; encoding?: string } {
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(String(headers['accept-encoding'] ?? ''));
  return gzip && takesGzip ? { body: gzip, encoding: 'gzip' } : { body: bytes };
}

function say(
  { headers }: ViewerHandlerParts,
  response: ServerResponse,
  status: number,
  text: string,
  more: Record<string, string> = {},
): void {
  const own = { 'Cache-Control': NOT_KEPT, 'Content-Type': 'text/plain; charset=utf-8' };
  response.writeHead(status, { ...headers, ...HEADERS, ...own, ...more }).end(`${text}\n`);
}
