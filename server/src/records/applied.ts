import { fhirError } from '../fhir/outcome.ts';
import { meets, type ExpectedVersion } from '../store/resource/expectedVersion.ts';
import type { WriteResult } from '../store/resource/types.ts';

/** @throws FhirError `precondition-failed` when the expected version was not the current one */
export function applied(type: string, id: string, result: WriteResult, expectedVersion?: ExpectedVersion) {
  if (!result.applied) throw notExpected(type, id, result.currentVersion, expectedVersion);
  const { created, version, lastUpdated } = result;
  return { created, version, lastUpdated };
}

/** @param version the current one; 0: there is none @throws FhirError `precondition-failed` unless it is the expected one */
export function requireExpected(
  type: string,
  id: string,
  version: number,
  expectedVersion: ExpectedVersion | undefined,
): void {
  if (expectedVersion !== undefined && !meets(expectedVersion, version))
    throw notExpected(type, id, version, expectedVersion);
}

function notExpected(type: string, id: string, version: number, expected: ExpectedVersion | undefined) {
  if (expected === 0) return alreadyThere(type, id, version);
  const now = version === 0 ? 'does not exist' : `is at version ${version}`;
  const text = `${type}/${id} ${now}: read it again and repeat the change on that version.`;
  return fhirError('precondition-failed', 'conflict', text);
}

const alreadyThere = (type: string, id: string, version: number) =>
  fhirError(
    'precondition-failed',
    'conflict',
    `${type}/${id} is at version ${version}, so that it is not created: leave If-None-Match out to update it.`,
  );
