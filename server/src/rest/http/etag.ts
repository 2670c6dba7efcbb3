import { fhirError } from '../../fhir/outcome.ts';
import { versionNumber, type ExpectedVersion } from '../../records/records.ts';

/** Weak ETag of a version (http://hl7.org/fhir/R4/http.html#versioning). */
export function etag(version: number): string {
  return `W/"${version}"`;
}

/** Where the header stands (http://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.location). */
const IF_MATCH = 'http.If-Match';
/** No version has this number: a precondition on it always fails. */
const NO_VERSION = -1;

/**
 * What `If-Match` asks for (RFC 9110 13.1.1): one of the versions that it names, or with `*` any that there is; undefined without the
 * header. Weak ETags are meant, too: FHIR has no others.
 *
 * @param expression where it stands in a bundle; absent: in the header
 * @throws FhirError `incorrect` when it names no version
 */
export function expectedVersion(
  ifMatch: string | undefined,
  expression = IF_MATCH,
): ExpectedVersion | undefined {
  if (ifMatch === undefined) return undefined;
  if (ifMatch.trim() === '*') return '*';
  const versions = listed(ifMatch).map((part) => versionOf(part, expression));
  if (versions.length === 0) throw noETag(expression);
  return versions.length === 1 ? versions[0] : versions;
}

/** The items of a list; empty ones are passed over (RFC 9110 5.6.1.2). */
const listed = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function versionOf(part: string, expression: string): number {
  const tag = /^(?:W\/)?"([^"]{1,64})"$/.exec(part)?.[1];
  if (tag === undefined) throw noETag(expression);
  return versionNumber(tag) ?? NO_VERSION;
}

const noETag = (expression: string) =>
  fhirError(
    'incorrect',
    'invalid',
    'If-Match must be an ETag, such as W/"3", several of them with commas between, or *.',
    expression,
  );

/** True if one of the ETags in `If-None-Match` is that of the version, or it is `*`. */
export function matchesAny(ifNoneMatch: string, version: number): boolean {
  return listed(ifNoneMatch).some((part) => {
    const tag = part.replace(/^W\//, '');
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
