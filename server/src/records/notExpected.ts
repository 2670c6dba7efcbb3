import { fhirError, type FhirError } from '../fhir/outcome.ts';
import type { ExpectedVersion } from '../store/resource/types.ts';

/**
 * A precondition about the version of a resource that does not hold (http://hl7.org/fhir/R4/http.html#concurrency).
 *
 * @param what how the resource is called, at the beginning of a sentence
 * @param version the current one; 0: there is none
 * @param expected 0: there was to be none (If-None-Match: *)
 * @param preconditions FHIRPath of where they stand; absent: in headers
 */
export function notExpected(
  what: string,
  version: number,
  expected: ExpectedVersion | undefined,
  preconditions?: { ifMatch: string | undefined; ifNoneMatch: string | undefined },
): FhirError {
  const [part, now] =
    expected === 0
      ? (['ifNoneMatch', notCreated(version)] as const)
      : (['ifMatch', notMatched(version)] as const);
  return fhirError('precondition-failed', 'conflict', `${what} ${now}`, preconditions?.[part]);
}

const notCreated = (version: number) =>
  `is at version ${version}, so that it is not created: leave If-None-Match out to update it.`;

const notMatched = (version: number) =>
  version === 0
    ? 'does not exist, so that there is no version to match: leave If-Match out, or correct what it is sent to.'
    : `is at version ${version}: read it again and repeat the change on that version.`;
