import type { Definitions } from '../../fhir/definitions/types.ts';
import { parseJson } from '../../fhir/json/parse.ts';
import { JSON_PATCH, MERGE_PATCH, readPatch, type Patch } from '../../fhir/patch/patch.ts';
import type { Criteria } from '../../records/records.ts';
import { readBody } from '../http/body.ts';
import { expectedVersion } from '../http/etag.ts';
import { FHIR_JSON, mediaTypeOf } from '../http/negotiation.ts';
import { readResource } from '../http/resourceBody.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';
import { asWritten, criteriaOf } from './conditional.ts';
import { writtenResponse, type WriteParts } from './write.ts';

/** PATCH Type/id (http://hl7.org/fhir/R4/http.html#patch). */
export function patchInteraction(parts: WriteParts, definitions: Definitions): Interaction {
  return (request) => patch(parts, definitions, request, { id: request.id! });
}

/** PATCH Type?criteria, of the one resource that satisfies them. */
export function conditionalPatchInteraction(parts: WriteParts, definitions: Definitions): Interaction {
  return (request) => patch(parts, definitions, request, { criteria: criteriaOf(parts, request) });
}

async function patch(
  parts: WriteParts,
  definitions: Definitions,
  request: FhirRequest,
  target: { id: string } | { criteria: Criteria },
): Promise<FhirResponse> {
  const type = request.type!;
  const expected = expectedVersion(request.raw.headers['if-match']);
  const projector = parts.views.ofQuery(request.query, type);
  const patch = await receivePatch(request, definitions, parts.bodyBytesMax);
  const expecting = expected === undefined ? {} : { expectedVersion: expected };
  const [result] = await parts.records.transact(request.caller, [
    { kind: 'patch', type, patch, ...target, ...expecting },
  ]);
  return writtenResponse(request, parts.base, asWritten(result!), projector);
}

async function receivePatch(
  request: FhirRequest,
  definitions: Definitions,
  bytesMax: number,
): Promise<Patch> {
  const mediaType = mediaTypeOf(request.raw.headers['content-type']);
  if (mediaType === JSON_PATCH || mediaType === MERGE_PATCH) {
    const body = parseJson(await readBody(request.raw, bytesMax, request.body));
    return readPatch(mediaType, body, definitions);
  }
  return readPatch(mediaTypeOf(FHIR_JSON), await readResource(request, bytesMax), definitions);
}
