import type { Definitions } from '../../fhir/definitions/types.ts';
import { parseJson } from '../../fhir/json/parse.ts';
import { FhirError, fhirError } from '../../fhir/outcome.ts';
import { JSON_PATCH, MERGE_PATCH, readPatch, requirePatchType, type Patch } from '../../fhir/patch/patch.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Criteria, ExpectedVersion } from '../../records/records.ts';
import { readBody } from '../http/body.ts';
import { errorResponse } from '../http/errors.ts';
import { expectedVersion } from '../http/etag.ts';
import { FHIR_JSON, isUtf8Text, mediaTypeOf } from '../http/negotiation.ts';
import { ACCEPT_PATCH } from '../http/patchFormats.ts';
import { readResource } from '../http/resourceBody.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';
import { asWritten, criteriaOf } from './conditional.ts';
import { writtenResponse, type WriteParts } from './write.ts';

/** PATCH Type/id (http://hl7.org/fhir/R4/http.html#patch). */
export function patchInteraction(parts: WriteParts, definitions: Definitions): Interaction {
  return (request) => answered(request, () => patch(parts, definitions, request, { id: request.id! }));
}

/** PATCH Type?criteria, of the one resource that satisfies them. */
export function conditionalPatchInteraction(parts: WriteParts, definitions: Definitions): Interaction {
  return (request) =>
    answered(request, () => patch(parts, definitions, request, { criteria: criteriaOf(parts, request) }));
}

/** Tells what a patch can be, where it is something else (RFC 5789 2.2). */
async function answered(request: FhirRequest, run: () => Promise<FhirResponse>): Promise<FhirResponse> {
  try {
    return await run();
  } catch (error) {
    if (!isUnsupportedType(error)) throw error;
    const response = errorResponse(error, request.onDefect);
    return { ...response, headers: { ...response.headers, ...ACCEPT_PATCH } };
  }
}

const isUnsupportedType = (error: unknown) =>
  error instanceof FhirError && error.category === 'unsupported-media-type';

async function patch(
  parts: WriteParts,
  definitions: Definitions,
  request: FhirRequest,
  target: { id: string } | { criteria: Criteria },
): Promise<FhirResponse> {
  const type = request.type!;
  const expected = requiredVersion(request);
  const projector = parts.views.ofQuery(request.query, type);
  const patch = await receivePatch(parts, request, definitions);
  const expecting = expected === undefined ? {} : { expectedVersion: expected };
  const [result] = await parts.records.transact(request.caller, [
    { kind: 'patch', type, patch, ...target, ...expecting },
  ]);
  return writtenResponse(request, parts.base, asWritten(result!), projector);
}

/** What If-Match asks for. */
function requiredVersion({ raw: { headers } }: FhirRequest): ExpectedVersion | undefined {
  if (headers['if-none-match'] === undefined) return expectedVersion(headers['if-match']);
  const text =
    'If-None-Match has no meaning on a patch: leave it out, or say If-Match with the version to be patched.';
  throw fhirError('incorrect', 'invalid', text, 'http.If-None-Match');
}

async function receivePatch(
  { records, bodyBytesMax }: WriteParts,
  request: FhirRequest,
  definitions: Definitions,
): Promise<Patch> {
  const contentType = request.raw.headers['content-type'];
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === JSON_PATCH || mediaType === MERGE_PATCH) {
    if (!isUtf8Text(contentType)) throw notUtf8();
    const body = parseJson(await readBody(request.raw, bodyBytesMax, request.body));
    return readPatch(mediaType, body, definitions);
  }
  const body = await readResource(request, bodyBytesMax).catch((error: unknown) => {
    if (isUnsupportedType(error)) requirePatchType(mediaType);
    throw error;
  });
  const isParameters = (body.value as Partial<Resource> | null)?.resourceType === 'Parameters';
  return readPatch(
    mediaTypeOf(FHIR_JSON),
    isParameters ? await records.check(body, 'Parameters') : body,
    definitions,
  );
}

/** JSON is always in UTF-8 (RFC 8259 8.1); what says otherwise may be something else by accident. */
const notUtf8 = () =>
  fhirError(
    'unsupported-media-type',
    'not-supported',
    'Send the patch in UTF-8, and say so in Content-Type.',
  );
