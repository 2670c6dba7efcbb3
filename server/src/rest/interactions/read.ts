import type { Records, StoredVersion } from '../../records/records.ts';
import { etag, matchesAny } from '../http/etag.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';

/** GET Type/id (http://hl7.org/fhir/R4/http.html#read), conditional by ETag or time (http.html#cread). */
export function readInteraction(records: Records): Interaction {
  return async (request) =>
    versionResponse(request, await records.read(request.caller, request.type!, request.id!));
}

/** GET Type/id/_history/versionId (http://hl7.org/fhir/R4/http.html#vread). */
export function vreadInteraction(records: Records): Interaction {
  return async (request) => {
    const found = await records.readVersion(request.caller, request.type!, request.id!, request.versionId!);
    return versionResponse(request, found);
  };
}

type Version = Pick<StoredVersion, 'version' | 'lastUpdated'> & { content: string };

function versionResponse(request: FhirRequest, found: Version): FhirResponse {
  const headers = versionHeaders(found);
  if (isUnchanged(request, found)) return { status: 304, headers };
  return { status: 200, headers, body: found.content };
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
