import { FhirError, errorIssue, isBusy } from '../../fhir/outcome.ts';
import { OUTCOME_UNKNOWN } from '../../store/postgres/failures.ts';

/**
 * Of a request that has stored something and cannot be recorded as a whole: its answer must not leave, and must not say either that
 * nothing was done. What it stored has its records.
 */
export function doneUnrecorded(error: unknown): unknown {
  if (!(error instanceof FhirError) || !isBusy(error)) return error;
  const text =
    'What was to be stored is stored, but the audit log cannot take what the answer shows, so there is none. Read before you write again.';
  const issue = { ...errorIssue('transient', text), details: OUTCOME_UNKNOWN };
  return new FhirError('busy', [issue], error.retryAfterS);
}
