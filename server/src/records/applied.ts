import { fhirError } from '../fhir/outcome.ts';
import type { WriteResult } from '../store/resource/types.ts';

/** @throws FhirError `precondition-failed` when the expected version was not the current one */
export function applied(type: string, id: string, result: WriteResult) {
  if (result.applied) {
    const { created, version, lastUpdated } = result;
    return { created, version, lastUpdated };
  }
  const now = result.currentVersion === 0 ? 'does not exist' : `is at version ${result.currentVersion}`;
  throw fhirError(
    'precondition-failed',
    'conflict',
    `${type}/${id} ${now}: read it again and repeat the change on that version.`,
  );
}
