import type { Projector } from '../../fhir/projection/projection.ts';
import type { Records, StoredVersion } from '../../records/records.ts';
import { etag, isFresh } from '../http/etag.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';
import type { Views } from '../presentation/view.ts';

/** GET Type/id (http://hl7.org/fhir/R4/http.html#read), conditional by ETag or time (http.html#cread). */
export function readInteraction(records: Records, views: Views): Interaction {
  return async (request) => {
    const projector = views.ofQuery(request.query, request.type);
    const found = await records.read(request.caller, request.type!, request.id!);
    return versionResponse(request, found, projector);
  };
}

/** GET Type/id/_history/versionId (http://hl7.org/fhir/R4/http.html#vread). */
export function vreadInteraction(records: Records, views: Views): Interaction {
  return async (request) => {
    const projector = views.ofQuery(request.query, request.type);
    const found = await records.readVersion(request.caller, request.type!, request.id!, request.versionId!);
    return versionResponse(request, found, projector);
  };
}

type Version = Pick<StoredVersion, 'version' | 'lastUpdated'> & { content: string };

function versionResponse(
  request: FhirRequest,
  found: Version,
  projector: Projector | undefined,
): FhirResponse {
  const headers = versionHeaders(found);
  if (isUnchanged(request, found)) return { status: 304, headers };
  return { status: 200, headers, body: projector?.project(found.content) ?? found.content };
}

/** ETag and Last-Modified of a version. */
export function versionHeaders(found: { version: number; lastUpdated: Date }): Record<string, string> {
  return { ETag: etag(found.version), 'Last-Modified': found.lastUpdated.toUTCString() };
}

/** Whether the client has this version already. */
export function isUnchanged({ raw }: FhirRequest, found: Pick<Version, 'version' | 'lastUpdated'>): boolean {
  const since = raw.headers['if-modified-since'];
  return isFresh(found, raw.headers['if-none-match'], since === undefined ? undefined : new Date(since));
}
