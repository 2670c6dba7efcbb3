import { meets, type ExpectedVersion } from '../store/resource/expectedVersion.ts';
import type { WriteResult } from '../store/resource/types.ts';
import { notExpected } from './notExpected.ts';

/** @throws FhirError `precondition-failed` when the expected version was not the current one */
export function applied(type: string, id: string, result: WriteResult, expectedVersion?: ExpectedVersion) {
  if (!result.applied) throw notExpected(`${type}/${id}`, result.currentVersion, expectedVersion);
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
    throw notExpected(`${type}/${id}`, version, expectedVersion);
}
