import { fhirError } from '../../fhir/outcome.ts';
import { versionNumber } from '../../records/records.ts';

/** Weak ETag of a version (http://hl7.org/fhir/R4/http.html#versioning). */
export function etag(version: number): string {
  return `W/"${version}"`;
}

/** No version has this number: a precondition on it always fails. */
const NO_VERSION = -1;

/**
 * The version that `If-Match` asks for; undefined without the header.
 *
 * @param expression where it stands in a bundle
 * @throws FhirError `incorrect` when it is no ETag
 */
export function expectedVersion(ifMatch: string | undefined, expression?: string): number | undefined {
  if (ifMatch === undefined) return undefined;
  const tag = /^(?:W\/)?"([^"]{1,64})"$/.exec(ifMatch.trim())?.[1];
  if (tag === undefined)
    throw fhirError('incorrect', 'invalid', 'If-Match must be one ETag, such as W/"3".', expression);
  return versionNumber(tag) ?? NO_VERSION;
}

/** True if one of the ETags in `If-None-Match` is that of the version, or it is `*`. */
export function matchesAny(ifNoneMatch: string, version: number): boolean {
  return ifNoneMatch.split(',').some((part) => {
    const tag = part.trim().replace(/^W\//, '');
    return tag === '*' || tag === `"${version}"`;
  });
}

/**
 * Whether a client has the version already. The ETag decides alone where there is one (RFC 9110, 13.2.2); times count in
 * whole seconds, as HTTP has them.
 */
export function isFresh(
  found: { version: number; lastUpdated: Date },
  ifNoneMatch: string | undefined,
  ifModifiedSince: Date | undefined,
): boolean {
  if (ifNoneMatch !== undefined) return matchesAny(ifNoneMatch, found.version);
  if (ifModifiedSince === undefined) return false;
  return Math.floor(found.lastUpdated.getTime() / 1000) * 1000 <= ifModifiedSince.getTime();
}
