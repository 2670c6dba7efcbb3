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
 * @throws FhirError `incorrect` when it is no ETag
 */
export function expectedVersion(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined) return undefined;
  const tag = /^(?:W\/)?"([^"]{1,64})"$/.exec(ifMatch.trim())?.[1];
  if (tag === undefined) throw fhirError('incorrect', 'invalid', 'If-Match must be one ETag, such as W/"3".');
  return versionNumber(tag) ?? NO_VERSION;
}

/** True if one of the ETags in `If-None-Match` is that of the version, or it is `*`. */
export function matchesAny(ifNoneMatch: string, version: number): boolean {
  return ifNoneMatch.split(',').some((part) => {
    const tag = part.trim().replace(/^W\//, '');
    return tag === '*' || tag === `"${version}"`;
  });
}
