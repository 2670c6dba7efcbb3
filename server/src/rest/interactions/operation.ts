import type { ParsedJson } from '../../fhir/json/parse.ts';
import { FhirError, fhirError, type Issue } from '../../fhir/outcome.ts';
import type { Projector } from '../../fhir/projection/projection.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import {
  type Operation,
  type OperationAnswer,
  type OperationLevel,
  type OperationRequest,
  type OperationRegistry,
} from '../../operations/operation.ts';
import { operationParameters } from '../../operations/parameters.ts';
import type { Caller } from '../../records/caller.ts';
import type { SearchHandling } from '../../records/records.ts';
import { hasBody, readBody } from '../http/body.ts';
import { outcomeText } from '../http/errors.ts';
import { notAcceptable } from '../http/negotiation.ts';
import { preferences } from '../http/prefer.ts';
import { readResource } from '../http/resourceBody.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';
import { searchsetPieces } from '../presentation/searchset.ts';
import { VIEW_PARAMETERS, projectorsOf, type Views } from '../presentation/view.ts';
import { JOBS_PATH, MethodNotAllowedError, unknownPath } from '../router.ts';
import { formPairs, handlingOf, type SearchParts } from './search.ts';
import { conditionalUnsupported, versionUrl } from './write.ts';

export interface OperationParts extends SearchParts {
  operations: OperationRegistry;
  views: Views;
  bodyBytesMax: number;
}

/** A call, wherever it came from: a request or an entry of a batch. */
export interface OperationCall {
  caller: Caller;
  method: string;
  /** Name of the operation, without the `$`. */
  operation: string;
  type?: string;
  id?: string;
  versionId?: string;
  query: FhirRequest['query'];
  handling: SearchHandling;
  respondAsync?: boolean;
  acceptLanguage?: string;
  http?: NonNullable<OperationRequest['http']>;
  rawBody?: NonNullable<OperationRequest['rawBody']>;
}

/** `$name` of the base, a type or a resource, by GET or POST (http://hl7.org/fhir/R4/operations.html#executing). */
export function operationInteraction(parts: OperationParts): Interaction {
  return async (request) => {
    const call = {
      ...request,
      operation: request.operation!,
      handling: handlingOf(request, parts.handling),
      respondAsync: preferences(request.raw.headers.prefer).respondAsync ?? false,
      ...acceptedLanguage(request),
      http: httpOf(request),
    };
    const operation = requireOperation(parts.operations, call); // before the body: it may be large
    if (operation.affectsState !== false) {
      refusePreconditions(request);
      if (request.form.format === 'ndjson') throw notAcceptable(); // once it has run, it is too late
    }
    if (operation.rawBodyBytesMax !== undefined) {
      const rawBody = await readRaw(request, Math.min(operation.rawBodyBytesMax, parts.bodyBytesMax));
      return run(parts, operation, { ...call, rawBody }, undefined);
    }
    const reading =
      request.method === 'POST' ? readParameters(request, parts.bodyBytesMax) : Promise.resolve(undefined);
    if (operation.takesAnyResource !== true) return run(parts, operation, call, await reading);
    const body = await reading.catch(faultsOfBody);
    return body instanceof FhirError
      ? { status: 200, body: outcomeText(body.issues) }
      : run(parts, operation, call, body);
  };
}

/** @throws FhirError `not-found`, `method-not-allowed`, and as the operation does */
export function callOperation(
  parts: OperationParts,
  call: OperationCall,
  body: ParsedJson | undefined,
): Promise<FhirResponse> {
  const operation = requireOperation(parts.operations, call);
  if (operation.rawBodyBytesMax !== undefined)
    throw fhirError(
      'incorrect',
      'not-supported',
      `$${call.operation} is not called in bundles: send it by itself.`,
    );
  return run(parts, operation, call, body);
}

async function run(
  parts: OperationParts,
  operation: Operation,
  call: OperationCall,
  body: ParsedJson | undefined,
): Promise<FhirResponse> {
  const plainJson = operation.takesPlainJson === true ? plainObject(body) : undefined;
  const resource = plainJson === undefined ? body : undefined;
  if (resource !== undefined && operation.takesAnyResource !== true)
    await parts.records.check(resource, bodyType(resource));
  const { caller, type, id, versionId, handling, respondAsync = false, acceptLanguage } = call;
  const shown = shownAs(parts.views, call.query);
  const answer = await operation.run({
    caller,
    level: levelOf(call),
    parameters: operationParameters(shown.query, resource, isContent(operation, call, resource)),
    isPost: call.method === 'POST',
    handling,
    ...(respondAsync && { respondAsync }),
    ...(acceptLanguage === undefined ? {} : { acceptLanguage }),
    ...(call.http && { http: call.http }),
    ...(call.rawBody && { rawBody: call.rawBody }),
    ...(plainJson === undefined ? {} : { plainJson }),
    ...(type === undefined ? {} : { type }),
    ...(id === undefined ? {} : { id }),
    ...(versionId === undefined ? {} : { versionId }),
  });
  return response(parts, call, answer, shown);
}

/** Neither kept nor gathered on the way (nginx does, unless it is told not to). */
const STREAM_HEADERS = { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };

function httpOf({ raw, address, requestId }: FhirRequest): NonNullable<OperationRequest['http']> {
  const { authorization, 'last-event-id': lastEventId } = raw.headers;
  return {
    authorization,
    lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
    ...{ address, requestId },
  };
}

/** How the URL wants the answer shown, which is nothing that operations need to know of. */
interface Shown {
  /** The query without it. */
  query: FhirRequest['query'];
  pairs: FhirRequest['query'];
  projector: Projector | undefined;
}

function shownAs(views: Views, query: FhirRequest['query']): Shown {
  const pairs = query.filter(([name]) => VIEW_PARAMETERS.has(name));
  if (pairs.length === 0) return { query, pairs, projector: undefined };
  const others = query.filter(([name]) => !VIEW_PARAMETERS.has(name));
  return { query: others, pairs, projector: views.ofQuery(pairs, undefined) };
}

function requireOperation(operations: OperationRegistry, call: OperationCall): Operation {
  const operation = operations.find(call.operation, levelOf(call), call.type);
  if (operation === undefined) throw unknownPath();
  if (operation.affectsState === true && call.method !== 'POST') throw new MethodNotAllowedError(['POST']);
  return operation;
}

function levelOf({ type, id, versionId }: OperationCall): OperationLevel {
  if (versionId !== undefined) return 'version';
  if (id !== undefined) return 'instance';
  return type === undefined ? 'system' : 'type';
}

function response(
  parts: OperationParts,
  call: OperationCall,
  answer: OperationAnswer,
  shown: Shown,
): FhirResponse {
  if (answer.kind === 'resource') {
    const { status = 200, body, stored } = answer;
    const headers = stored && { Location: versionUrl(parts.base, stored) };
    return { status, ...(headers && { headers }), body: shown.projector?.project(body) ?? body };
  }
  if (answer.kind === 'stream') {
    const { contentType, stream } = answer;
    return { status: 200, headers: { ...STREAM_HEADERS, 'Content-Type': contentType }, stream };
  }
  if (answer.kind === 'raw') {
    const { contentType, body } = answer;
    return { status: 200, headers: { 'Content-Type': contentType }, body };
  }
  if (answer.kind === 'nothing') return { status: 204 };
  if (answer.kind === 'accepted') {
    const headers = { 'Content-Location': `${parts.base}/${JOBS_PATH}/${answer.job}` };
    const issue: Issue = { severity: 'information', code: 'informational', diagnostics: answer.text };
    return { status: 202, headers, body: outcomeText([issue]) };
  }
  const { result, used, ignored = [], page, asOf, ...wanted } = answer;
  // Elements that are asked for of an operation are those of all that it gives.
  const projectors = shown.projector
    ? { ofMatches: shown.projector, ofIncluded: shown.projector }
    : projectorsOf(parts.projection, wanted);
  const url = [parts.base, call.type, call.id, `$${call.operation}`]
    .filter((part) => part !== undefined)
    .join('/');
  return {
    status: 200,
    // Clients ask again from the time in the answer's header: what was not yet settled then must lie behind it.
    ...(asOf === undefined ? {} : { headers: { Date: asOf.toUTCString() } }),
    body: searchsetPieces({
      base: parts.base,
      url,
      used: [...used, ...shown.pairs, ...formPairs(call.query)],
      ignored,
      result,
      ...(asOf === undefined ? {} : { asOf }),
      ...(page === undefined ? {} : { page }),
      projectors,
    }),
  };
}

/** What many programs send of themselves, `*`, says nothing. */
function acceptedLanguage({ raw }: FhirRequest): { acceptLanguage?: string } {
  const text = raw.headers['accept-language'];
  return text === undefined || text === '*' ? {} : { acceptLanguage: text };
}

/** What is not understood must not be passed over: the call would change what was not asked for. */
function refusePreconditions({ raw }: FhirRequest): void {
  for (const name of ['If-Match', 'If-None-Match', 'If-None-Exist']) {
    if (raw.headers[name.toLowerCase()] !== undefined) throw conditionalUnsupported(name);
  }
}

async function readRaw(
  { raw, body }: FhirRequest,
  bytesMax: number,
): Promise<NonNullable<OperationRequest['rawBody']>> {
  const bytes = hasBody(raw) ? await readBody(raw, bytesMax, body) : Buffer.alloc(0);
  return { contentType: raw.headers['content-type'], bytes, headers: raw.headers };
}

/** The body, if there is one: all parameters may stand in the URL. */
async function readParameters(request: FhirRequest, bytesMax: number): Promise<ParsedJson | undefined> {
  if (!hasBody(request.raw)) return undefined;
  return readResource(request, bytesMax);
}

/**
 * Whether the body is what an operation on any resource is about, whatever it is: where it does not say its type, and where it is a Parameters
 * resource in which no other is given, sent to an operation on such resources.
 */
function isContent(operation: Operation, { type }: OperationCall, body: ParsedJson | undefined): boolean {
  if (operation.takesAnyResource !== true || body === undefined) return false;
  const { resourceType, parameter } = (body.value ?? {}) as { resourceType?: unknown; parameter?: unknown };
  if (typeof resourceType !== 'string') return true;
  if (type !== 'Parameters') return false;
  const isGiven = (one: unknown): boolean => (one as { name?: unknown } | null)?.name === 'resource';
  return !(Array.isArray(parameter) && parameter.some(isGiven));
}

/** What makes a body no resource, where that is what the operation is to find out. */
function faultsOfBody(error: unknown): FhirError {
  if (error instanceof FhirError && error.category === 'incorrect') return error;
  throw error;
}

/** A body that claims to be no resource. */
function plainObject(body: ParsedJson | undefined): JsonObject | undefined {
  const value = body?.value as JsonObject | null | undefined;
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isPlain && value.resourceType === undefined ? value : undefined;
}

function bodyType(body: ParsedJson): string {
  const type = (body.value as Partial<Resource> | null)?.resourceType;
  if (typeof type === 'string') return type;
  throw fhirError('incorrect', 'structure', 'The body of an operation must be a Parameters resource.');
}
