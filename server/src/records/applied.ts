import { fhirError } from '../fhir/outcome.ts';
import type { WriteResult } from '../store/resource/types.ts';

/**
 * @param expectedVersion 0: there was to be none
 * @throws FhirError `precondition-failed` when the expected version was not the current one
 */
export function applied(type: string, id: string, result: WriteResult, expectedVersion?: number) {
  if (result.applied) {
    const { created, version, lastUpdated } = result;
    return { created, version, lastUpdated };
  }
  if (expectedVersion === 0) throw alreadyThere(type, id, result.currentVersion);
  const now = result.currentVersion === 0 ? 'does not exist' : `is at version ${result.currentVersion}`;
  throw fhirError(
    'precondition-failed',
    'conflict',
    `${type}/${id} ${now}: read it again and repeat the change on that version.`,
  );
}

const alreadyThere = (type: string, id: string, version: number) =>
  fhirError(
    'precondition-failed',
    'conflict',
    `${type}/${id} is at version ${version}, so that it is not created: leave If-None-Match out to update it.`,
  );
