import { FhirError, errorIssue } from '../../fhir/outcome.ts';

/** SQLSTATE of a statement that ran into its time limit. */
const QUERY_CANCELED = '57014';

/** Runs a search; one that reaches SEARCH_TIMEOUT_MS becomes an error that tells what to change. */
export async function orTooCostly<T>(search: Promise<T>): Promise<T> {
  try {
    return await search;
  } catch (error) {
    if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
    throw new FhirError('busy', [
      errorIssue(
        'too-costly',
        'The search took longer than the server allows (SEARCH_TIMEOUT_MS), and was ended: add a condition that fewer resources satisfy (a patient, an identifier, a code, a period), sort by nothing or by date, ask for a smaller _count, or leave _total out.',
      ),
    ]);
  }
}
