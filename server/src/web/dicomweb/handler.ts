import type { IncomingMessage, ServerResponse } from 'node:http';
import { fhirError, isThrottled } from '../../fhir/outcome.ts';
import { bridgeFhirError } from '../../imaging/bridge/bridgeFhirError.ts';
import type { Caller } from '../../records/caller.ts';
import type { Refusals } from '../../records/trail/refusals.ts';
import type { AuditEventName, Trail } from '../../records/trail/trail.ts';
import type { Trails } from '../../records/trail/trails.ts';
import { requestIdOf, type RequestLimits } from '../../rest/handler.ts';
import { discardRest } from '../../rest/http/body.ts';
import type { AddressOf } from '../../rest/http/clientAddress.ts';
import { errorResponse } from '../../rest/http/errors.ts';
import type { Origins } from '../../rest/http/origins.ts';
import { parseQuery } from '../../rest/http/query.ts';
import { failureText, outcomeOf, told } from '../../rest/http/recording.ts';
import { send } from '../../rest/http/respond.ts';
import type { FhirResponse } from '../../rest/http/types.ts';
import { MethodNotAllowedError } from '../../rest/router.ts';
import { capabilities } from './capabilities.ts';
import { interact } from './interact.ts';
import type { DicomwebParts } from './request.ts';
import { route, type Route } from './route.ts';
import { methodOfUpload, TUS_HEADERS, TUS_OPTIONS } from './uploads.ts';

/** Path of the service below the root of a store. */
export const DICOMWEB_PATH = '/dicomweb';
/** Path of resumable uploads below the root of a store. */
export const UPLOADS_PATH = `${DICOMWEB_PATH}/uploads`;

export interface DicomwebHandlerParts extends DicomwebParts {
  origins: Origins;
  addressOf: AddressOf;
  /** Who sends the request. @param units that it costs @throws FhirError `login`, throttled, busy */
  authenticate(raw: IncomingMessage, units: number): Promise<Caller>;
  limits: Pick<RequestLimits, 'anonymous' | 'refused'>;
  refusals: Pick<Refusals, 'isRecorded'>;
  trails: Trails;
  /** Called with errors that are defects of the server; must not log content. */
  onDefect(error: unknown, requestId: string): void;
  /** Called after each answer, for metrics. */
  onAnswer(interaction: string, status: number, seconds: number): void;
}

/** Units of rate limits that a request costs: a read of a resource is one. */
const COST_OF: Readonly<Record<Route['kind'], number>> = {
  capabilities: 1,
  search: 5,
  retrieve: 2,
  store: 10,
  upload: 2,
};
const EVENT_OF: Readonly<Record<Route['kind'], AuditEventName>> = {
  capabilities: 'capabilities',
  search: 'images-found',
  retrieve: 'images-shown',
  store: 'images-stored',
  upload: 'images-stored',
};
const HEADERS = { Vary: 'Accept, Accept-Encoding, Origin', 'Cache-Control': 'no-store' };

/** What is known of a request so far. */
interface Seen {
  address: string | undefined;
  requestId: string;
  kind?: Route['kind'];
  trail?: Trail;
}

/** DICOMweb (PS3.18) over the records. @returns false for a request for another URL, then nothing was done */
export function createDicomwebHandler(
  parts: DicomwebHandlerParts,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    if (!isBelow(request.url ?? '')) return false;
    void handle(parts, request, response);
    return true;
  };
}

function isBelow(url: string, path = DICOMWEB_PATH): boolean {
  if (!url.startsWith(path)) return false;
  const next = url[path.length];
  return next === undefined || next === '/' || next === '?';
}

async function handle(parts: DicomwebHandlerParts, raw: IncomingMessage, out: ServerResponse): Promise<void> {
  const started = performance.now();
  const seen: Seen = { address: parts.addressOf(raw), requestId: requestIdOf(raw) };
  const gone = new AbortController();
  out.once('close', () => {
    if (!out.writableFinished) gone.abort(); // an abort costs as much as a small answer
  });
  let response: FhirResponse;
  let fault: unknown;
  try {
    response = await answer(parts, raw, seen, gone.signal);
  } catch (error) {
    fault = gone.signal.aborted ? left() : bridgeFhirError(error);
    response = failed(parts, seen, fault);
  }
  try {
    await record(parts, raw, seen, response.status, fault);
  } catch (error) {
    response.stream?.destroy();
    response = failed(parts, seen, error); // what cannot be recorded must not leave
  }
  response.headers = {
    ...HEADERS,
    ...(isBelow(raw.url ?? '', UPLOADS_PATH) && TUS_HEADERS),
    'X-Request-Id': seen.requestId,
    ...response.headers,
    ...parts.origins.headers(raw),
  };
  await deliver(parts, raw, out, response, seen);
  parts.onAnswer(`dicomweb-${seen.kind ?? 'none'}`, response.status, (performance.now() - started) / 1000);
}

/** What was under way for a client is given up when he leaves: that is no defect. */
const left = () => fhirError('incorrect', 'structure', 'The client left before the request was done.');

async function answer(
  parts: DicomwebHandlerParts,
  raw: IncomingMessage,
  seen: Seen,
  signal: AbortSignal,
): Promise<FhirResponse> {
  parts.origins.check(raw);
  const { url = '' } = raw;
  const isUpload = isBelow(url, UPLOADS_PATH);
  const method = isUpload ? methodOfUpload(raw) : (raw.method ?? 'GET');
  const mark = url.indexOf('?');
  const path = url.slice(DICOMWEB_PATH.length, mark < 0 ? undefined : mark);
  if (raw.method === 'OPTIONS') {
    seen.kind = 'capabilities';
    parts.limits.anonymous(seen.address);
    const preflight = {
      ...parts.origins.preflightHeaders(),
      ...(isUpload && TUS_OPTIONS),
    };
    if (raw.headers['access-control-request-method'] !== undefined)
      return { status: 204, headers: preflight };
    if (isUpload) return { status: 204, headers: TUS_OPTIONS };
    return capabilities(parts, { raw, query: [] });
  }
  const found = await routed(parts, raw, seen, method, path);
  seen.kind = found.kind;
  const caller = await known(parts, raw, seen, found.kind);
  const query = mark < 0 ? [] : parseQuery(url.slice(mark + 1));
  return interact(parts, { raw, caller, query, signal }, found);
}

/** Whoever asks for what there is not signs in first, and is in the log. */
async function routed(
  parts: DicomwebHandlerParts,
  raw: IncomingMessage,
  seen: Seen,
  method: string,
  path: string,
): Promise<Route> {
  try {
    return route(method, path);
  } catch (error) {
    await known(parts, raw, seen, 'retrieve');
    throw error;
  }
}

/** Who asks, with a trail of what is shown. @throws FhirError `login`, throttled, busy */
async function known(
  parts: DicomwebHandlerParts,
  raw: IncomingMessage,
  seen: Seen,
  kind: Route['kind'],
): Promise<Caller> {
  const caller = await parts.authenticate(raw, COST_OF[kind]);
  const trail = begun(parts, raw, seen, caller, kind);
  seen.trail = trail;
  return { ...caller, trail };
}

const begun = (
  { trails }: DicomwebHandlerParts,
  { url = '' }: IncomingMessage,
  { address, requestId }: Seen,
  { agent, emergencies }: Pick<Caller, 'agent' | 'emergencies'>,
  kind: Route['kind'],
): Trail =>
  trails.begin({ agent, address, requestId, emergencies }, { event: EVENT_OF[kind], query: told(url) });

/** Of what came to nothing before it was known who asks, too, as long as it does not come in a flood. */
async function record(
  parts: DicomwebHandlerParts,
  raw: IncomingMessage,
  seen: Seen,
  status: number,
  fault: unknown,
): Promise<void> {
  const { address, kind = 'retrieve' } = seen;
  if (!seen.trail) {
    if (kind === 'capabilities' || isThrottled(fault)) return;
    parts.limits.refused(address);
    if (!parts.refusals.isRecorded({ agent: {}, address }, String(status))) return;
  }
  const trail = seen.trail ?? begun(parts, raw, seen, { agent: {} }, kind);
  await trail.end(outcomeOf(status), failureText(status, fault));
}

function failed(parts: DicomwebHandlerParts, { requestId }: Seen, error: unknown): FhirResponse {
  const response = errorResponse(error, (defect) => parts.onDefect(defect, requestId));
  if (error instanceof MethodNotAllowedError) response.headers = { ...response.headers, Allow: error.allow };
  return response;
}

async function deliver(
  parts: DicomwebHandlerParts,
  raw: IncomingMessage,
  out: ServerResponse,
  response: FhirResponse,
  { requestId }: Seen,
): Promise<void> {
  const options = { acceptEncoding: raw.headers['accept-encoding'], headOnly: raw.method === 'HEAD' };
  try {
    await send(out, response, options);
  } catch (error) {
    // The client went away, or an image could not be read to its end: all that can be said is that the answer is not whole.
    if (!out.destroyed) parts.onDefect(error, requestId);
    out.destroy();
  }
  discardRest(raw);
}
