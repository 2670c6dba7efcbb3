import { fhirError } from '../../fhir/outcome.ts';
import type { Projector } from '../../fhir/projection/projection.ts';
import type { ExpectedVersion, Records, TransactionResult, Written } from '../../records/records.ts';
import { discardBody } from '../http/body.ts';
import { expectedVersion } from '../http/etag.ts';
import { asResult, resultOutcome } from '../http/outcomes.ts';
import { refuseOtherPreconditions, refuseParameters, type Precondition } from '../http/preconditions.ts';
import { preferences } from '../http/prefer.ts';
import { readResource } from '../http/resourceBody.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';
import { VIEW_PARAMETERS, type Views } from '../presentation/view.ts';
import { versionHeaders } from './read.ts';

export interface WriteParts {
  records: Records;
  views: Views;
  /** Absolute URL of the FHIR base. */
  base: string;
  bodyBytesMax: number;
}

/** A write of what its URL names, with the preconditions that it has a use for, and no others. */
export function namedWrite(interaction: Interaction, ...used: Precondition[]): Interaction {
  const write = conditionedWrite(interaction, ...used);
  return async (request) => {
    refuseParameters(request, VIEW_PARAMETERS);
    return write(request);
  };
}

/** A write of what criteria in its URL find, with the preconditions that it has a use for, and no others. */
export function conditionedWrite(interaction: Interaction, ...used: Precondition[]): Interaction {
  return async (request) => {
    refuseOtherPreconditions(request.raw.headers, used);
    return interaction(request);
  };
}

/** POST Type (http://hl7.org/fhir/R4/http.html#create). @param conditional what answers a request with If-None-Exist */
export function createInteraction(parts: WriteParts, conditional: Interaction): Interaction {
  const { records, views, base } = parts;
  return async (request) => {
    if (request.raw.headers['if-none-exist'] !== undefined) return conditional(request);
    const projector = views.ofQuery(request.query, request.type);
    const body = await readResource(request, parts.bodyBytesMax);
    const written = await records.create(request.caller, request.type!, body);
    return writtenResponse(request, base, written, projector);
  };
}

/** PUT Type/id, which also creates under the client's id (http://hl7.org/fhir/R4/http.html#update). */
export function updateInteraction(parts: WriteParts): Interaction {
  const { records, views, base } = parts;
  return async (request) => {
    const expected = requestedVersion(request);
    const projector = views.ofQuery(request.query, request.type);
    const body = await readResource(request, parts.bodyBytesMax);
    const written = await records.update(request.caller, request.type!, request.id!, body, expected);
    return writtenResponse(request, base, written, projector);
  };
}

/** DELETE Type/id (http://hl7.org/fhir/R4/http.html#delete): 204, also when nothing was there. */
export function deleteInteraction(records: Records): Interaction {
  return async (request) => {
    const expected = expectedVersion(request.raw.headers['if-match']);
    await discardBody(request.raw);
    const type = request.type!;
    const id = request.id!;
    const deletion = await records.delete(request.caller, type, id, expected);
    const deletions = deletion === undefined ? [] : [{ id, ...deletion }];
    return deletedResponse(request, { outcome: 'deleted', type, deletions });
  };
}

/** 204, with the version where one resource was deleted; 200 with an outcome where that is preferred. */
export function deletedResponse(request: FhirRequest, result: TransactionResult): FhirResponse {
  const [only, ...others] = result.outcome === 'deleted' ? result.deletions : [];
  const headers = only === undefined || others.length > 0 ? {} : { headers: versionHeaders(only) };
  return preferences(request.raw.headers.prefer).return === 'OperationOutcome'
    ? { status: 200, ...headers, body: JSON.stringify(resultOutcome(result)) }
    : { status: 204, ...headers };
}

/** What If-Match asks for; 0 where If-None-Match: * does. */
export function requestedVersion(request: FhirRequest): ExpectedVersion | undefined {
  const ifNoneMatch = request.raw.headers['if-none-match'];
  if (ifNoneMatch === undefined) return expectedVersion(request.raw.headers['if-match']);
  if (ifNoneMatch.trim() === '*' && request.raw.headers['if-match'] === undefined) return 0;
  throw fhirError(
    'incorrect',
    'invalid',
    'On an update If-None-Match can only be *, and not together with If-Match.',
  );
}

/** 201 with Location or 200, and what `Prefer: return=` asks for. */
export function writtenResponse(
  request: FhirRequest,
  base: string,
  written: Written,
  projector: Projector | undefined,
): FhirResponse {
  const headers: Record<string, string> = {
    ...versionHeaders(written),
    Location: versionUrl(base, written),
  };
  const status = written.created ? 201 : 200;
  const wanted = preferences(request.raw.headers.prefer).return ?? 'representation';
  if (wanted === 'minimal') return { status, headers };
  if (wanted === 'OperationOutcome')
    return { status, headers, body: JSON.stringify(resultOutcome(asResult(written))) };
  return { status, headers, body: projector?.project(written.content) ?? written.content };
}

/** The URL of one version of a resource. */
export function versionUrl(
  base: string,
  { type, id, version }: Pick<Written, 'type' | 'id' | 'version'>,
): string {
  return `${base}/${type}/${id}/_history/${version}`;
}

export function conditionalUnsupported(what: string) {
  return fhirError(
    'unprocessable',
    'not-supported',
    `${what} is not supported by this server (see its CapabilityStatement): nothing was changed.`,
  );
}
