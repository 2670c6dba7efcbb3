import type { Projector } from '../../fhir/projection/projection.ts';
import type { Records, StoredVersion } from '../../records/records.ts';
import { etag, matchesAny } from '../http/etag.ts';
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

/** If-None-Match decides alone where both are sent (RFC 9110, 13.2.2). HTTP dates have whole seconds. */
export function isUnchanged(request: FhirRequest, found: Pick<Version, 'version' | 'lastUpdated'>): boolean {
  const ifNoneMatch = request.raw.headers['if-none-match'];
  if (ifNoneMatch !== undefined) return matchesAny(ifNoneMatch, found.version);
  const since = Date.parse(request.raw.headers['if-modified-since'] ?? '');
  return Math.floor(found.lastUpdated.getTime() / 1000) * 1000 <= since;
}
