import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Definitions } from '../fhir/definitions/types.ts';
import { fhirError, isThrottled } from '../fhir/outcome.ts';
import { createXmlFormat, type XmlFormat } from '../fhir/xml/xmlFormat.ts';
import { ANONYMOUS, type Caller } from '../records/caller.ts';
import type { Asked, Trail } from '../records/trail/trail.ts';
import type { Refusals } from '../records/trail/refusals.ts';
import type { Trails } from '../records/trail/trails.ts';
import { ACCEPT_PATCH } from './http/patchFormats.ts';
import { discardRest } from './http/body.ts';
import { BodyRoom } from './http/bodyRoom.ts';
import { errorResponse } from './http/errors.ts';
import { formOf, PLAIN_JSON } from './http/formOf.ts';
import { answerForm, type AnswerForm } from './http/negotiation.ts';
import type { Origins } from './http/origins.ts';
import { parseQuery } from './http/query.ts';
import { URL_CHARS_MAX } from './http/limits.ts';
import type { AddressOf } from './http/clientAddress.ts';
import { COST_OF } from './http/costs.ts';
import { askedBy, askedInVain, failureText, outcomeOf } from './http/recording.ts';
import { represent } from './http/represent.ts';
import { send } from './http/respond.ts';
import type { FhirRequest, FhirResponse, Interaction } from './http/types.ts';
import { MethodNotAllowedError, route, type InteractionName, type Route } from './router.ts';

/** Path of the FHIR base below the server's root. */
export const FHIR_BASE_PATH = '/fhir/R4';

export interface FhirHandlerParts {
  definitions: Definitions;
  interactions: Readonly<Record<InteractionName, Interaction>>;
  origins: Origins;
  addressOf: AddressOf;
  /** Who sends the request. @param units that it costs @throws FhirError `login`: nobody that is known; throttled */
  authenticate(raw: IncomingMessage, units: number): Promise<Caller>;
  limits: RequestLimits;
  refusals: Pick<Refusals, 'isRecorded'>;
  /** Memory for bodies, shared with the other stores of the process; absent: room of its own. */
  bodies?: BodyRoom;
  /** Records in the audit log what requests see and do. */
  trails: Trails;
  /** Headers of every answer. */
  headers: Readonly<Record<string, string>>;
  /** Called with errors that are defects of the server; must not log content. */
  onDefect(error: unknown, requestId: string): void;
  /** Called after each answer, for metrics. */
  onAnswer(interaction: string, status: number, seconds: number): void;
}

/** How often somebody may ask, as far as {@link FhirHandlerParts.authenticate} does not see to it. */
export interface RequestLimits {
  /** A request that is for everybody. @throws FhirError throttled */
  anonymous(address: string | undefined): void;
  /** A request was refused before it was known who asks. */
  refused(address: string | undefined): void;
  /** A request costs more than it seemed to. */
  charge(caller: Caller, address: string | undefined, units: number): void;
}

/** Handles a request below the FHIR base. @returns false if the URL is not ours, then nothing was done */
export type FhirHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The FHIR HTTP face: URL -> interaction -> answer, every error an OperationOutcome. */
export function createFhirHandler(parts: FhirHandlerParts): FhirHandler {
  const { bodies = new BodyRoom(), definitions } = parts;
  const xml = createXmlFormat(definitions);
  const common = Object.entries({ ...parts.headers, Vary: VARY, 'Cache-Control': NOT_KEPT }).flat();
  return (request, response) => {
    const url = request.url ?? '/';
    if (!isBelowBase(url)) return false;
    const body = bodies.lease();
    void handle(parts, url, request, response, { body, xml, common }).finally(() => body.release());
    return true;
  };
}

/** Whether a URL is the FHIR base, or below it. */
export function isBelowBase(url: string): boolean {
  if (!url.startsWith(FHIR_BASE_PATH)) return false;
  const next = url[FHIR_BASE_PATH.length];
  return next === undefined || next === '/' || next === '?';
}

/** What is known of a request so far, for the answer and the metrics. */
interface Seen {
  name: string;
  requestId: string;
  address: string | undefined;
  /** Whether it is for everybody, so that nobody is recorded. */
  isPublic?: boolean;
  /** Unknown as long as the URL is not understood. */
  asked?: Asked;
  /** Unknown as long as it is not known who asks. */
  trail?: Trail | undefined;
  /** Unknown as long as the URL is not understood. */
  form?: AnswerForm;
}

/** What URLs and headers may choose between: caches must keep the answers apart (RFC 9110 12.5.5). */
const VARY = 'Accept, Accept-Encoding, Origin';
/** A browser would show the next person what it has kept of the last, unasked and unrecorded: Last-Modified alone makes it fresh for a while (RFC 9111 4.2.2). */
const NOT_KEPT = 'no-store';

/** Interactions that answer with a list of resources; of operations only some do. */
const LISTS: ReadonlySet<InteractionName> = new Set<InteractionName>([
  'search',
  'search-post',
  'system-history',
  'type-history',
  'instance-history',
  'operation',
]);

/** Operations whose answers may be in no format of FHIR. */
const RAW: ReadonlySet<string> = new Set(['events-stream', 'execute']);

/** Interactions for which nobody has to sign in: how to sign in stands there. */
const PUBLIC: ReadonlySet<InteractionName> = new Set<InteractionName>(['capabilities']);

async function handle(
  parts: FhirHandlerParts,
  url: string,
  raw: IncomingMessage,
  out: ServerResponse,
  own: Pick<FhirRequest, 'body' | 'xml'> & { common: readonly string[] },
): Promise<void> {
  const started = performance.now();
  const requestId = requestIdOf(raw);
  const onDefect = (defect: unknown) => parts.onDefect(defect, requestId);
  const seen: Seen = { name: 'none', requestId, address: parts.addressOf(raw) };
  const failed = (error: unknown) => errorAnswer(error, seen.form ?? formOf(url, raw), own.xml, onDefect);
  let response: FhirResponse;
  let fault: unknown;
  try {
    response = await answer(parts, url, raw, seen, own, onDefect);
    response = represent(response, seen.form ?? PLAIN_JSON, own.xml);
  } catch (error) {
    fault = error;
    response = failed(error);
  }
  try {
    await trailOf(parts, url, raw, seen, response.status, fault)?.end(
      outcomeOf(response.status),
      failureText(response.status, fault),
    );
  } catch (error) {
    response.stream?.destroy();
    response = failed(error); // what cannot be recorded must not leave
  }
  const options = {
    acceptEncoding: raw.headers['accept-encoding'],
    headOnly: raw.method === 'HEAD',
    common: [...own.common, 'X-Request-Id', requestId, ...Object.entries(parts.origins.headers(raw)).flat()],
  };
  try {
    await send(out, response, options);
  } catch (error) {
    if (!out.headersSent && !out.destroyed) {
      response = failed(error);
      await send(out, response, options);
    }
    // Else the client went away, or the source of a stream failed: all that can be said is that it is not whole.
    else out.destroy(error as Error);
  }
  discardRest(raw);
  parts.onAnswer(seen.name, response.status, (performance.now() - started) / 1000);
}

/** Of what came to nothing before it was known who asks, too, as long as it does not come in a flood. */
function trailOf(
  parts: FhirHandlerParts,
  url: string,
  raw: IncomingMessage,
  seen: Seen,
  status: number,
  fault: unknown,
): Trail | undefined {
  const { address } = seen;
  if (seen.isPublic || seen.trail || isThrottled(fault)) return seen.trail;
  parts.limits.refused(address);
  if (!parts.refusals.isRecorded({ agent: {}, address }, String(status))) return undefined;
  return begunTrail(parts, seen, { agent: {} }, seen.asked ?? askedInVain(raw.method, belowBase(url)));
}

const begunTrail = (
  { trails }: FhirHandlerParts,
  { address, requestId }: Seen,
  { agent, emergencies }: Pick<Caller, 'agent' | 'emergencies'>,
  asked: Asked,
): Trail => trails.begin({ agent, address, requestId, emergencies }, asked);

const belowBase = (url: string): string => url.slice(FHIR_BASE_PATH.length);

async function answer(
  parts: FhirHandlerParts,
  url: string,
  raw: IncomingMessage,
  seen: Seen,
  own: Pick<FhirRequest, 'body' | 'xml'>,
  onDefect: FhirRequest['onDefect'],
): Promise<FhirResponse> {
  parts.origins.check(raw);
  const mark = url.indexOf('?');
  const path = url.slice(FHIR_BASE_PATH.length, mark < 0 ? undefined : mark);
  if (raw.method === 'OPTIONS') {
    seen.isPublic = true;
    const headers = { ...parts.origins.preflightHeaders(), ...ACCEPT_PATCH, ...allowedAt(parts, path) };
    return { status: 204, headers };
  }
  let found: Route;
  try {
    found = routed(parts, url, raw.method ?? 'GET', path);
  } catch (error) {
    await askInVain(parts, url, raw, seen);
    throw error;
  }
  seen.name = found.interaction;
  seen.isPublic = PUBLIC.has(found.interaction);
  seen.asked = askedBy(found, belowBase(url));
  if (seen.isPublic) parts.limits.anonymous(seen.address);
  const units = COST_OF[found.interaction];
  const caller = seen.isPublic ? ANONYMOUS : await parts.authenticate(raw, units);
  if (!seen.isPublic) seen.trail = begunTrail(parts, seen, caller, seen.asked);
  const query = mark < 0 ? [] : parseQuery(url.slice(mark + 1));
  const { interaction } = found;
  const isNamed = query.some(([name]) => name === '_format');
  const isRaw = found.operation !== undefined && RAW.has(found.operation);
  const isList = LISTS.has(interaction);
  const mayBeRaw = (found.type === 'Binary' && !isNamed && !isList) || found.file !== undefined || isRaw;
  const form = mayBeRaw ? formOf(url, raw) : answerForm(raw.headers, query, isList);
  seen.form = form;
  return parts.interactions[interaction]({
    ...found,
    raw,
    method: raw.method ?? 'GET',
    address: seen.address,
    requestId: seen.requestId,
    caller: seen.trail === undefined ? caller : { ...caller, trail: seen.trail },
    query,
    form,
    charge: (more) => parts.limits.charge(caller, seen.address, more),
    body: own.body,
    xml: own.xml,
    onDefect,
  });
}

/** What the URL takes (RFC 9110 9.3.7); nothing of one that there is not. */
function allowedAt({ definitions }: FhirHandlerParts, path: string): Record<string, string> {
  try {
    route(definitions, 'OPTIONS', path);
  } catch (error) {
    if (error instanceof MethodNotAllowedError) return { Allow: error.allow };
  }
  return {};
}

/** @throws FhirError where there is nothing at the URL */
function routed({ definitions }: FhirHandlerParts, url: string, method: string, path: string): Route {
  if (url.length > URL_CHARS_MAX) throw urlTooLong();
  return route(definitions, method, path);
}

/** Whoever asks for what there is not signs in first, and is in the log. @throws FhirError `login` */
async function askInVain(
  parts: FhirHandlerParts,
  url: string,
  raw: IncomingMessage,
  seen: Seen,
): Promise<void> {
  const caller = await parts.authenticate(raw, 1);
  seen.trail = begunTrail(parts, seen, caller, askedInVain(raw.method, belowBase(url)));
}

const urlTooLong = () =>
  fhirError(
    'uri-too-long',
    'too-long',
    `The URL is longer than ${URL_CHARS_MAX} characters: search by POST _search instead.`,
  );

function errorAnswer(
  error: unknown,
  form: AnswerForm,
  xml: XmlFormat,
  onDefect: (error: unknown) => void,
): FhirResponse {
  const response = errorResponse(error, onDefect);
  if (error instanceof MethodNotAllowedError) response.headers = { ...response.headers, Allow: error.allow };
  return represent(response, form, xml);
}

/** The client's id if it is a plain one, else a new one: it goes into logs. */
export function requestIdOf(raw: IncomingMessage): string {
  const given = raw.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}
