import { FhirError, errorIssue } from '../../fhir/outcome.ts';

/** SQLSTATE of a statement that ran into its time limit. */
const QUERY_CANCELED = '57014';

const WHAT_TO_CHANGE =
  'add a condition that fewer resources satisfy (a patient, an identifier, a code, a period), sort by nothing or by date, ask for a smaller _count, or leave _total out.';

/**
 * Runs a search; one that reaches SEARCH_TIMEOUT_MS becomes an error that tells what to change.
 *
 * @param whatToChange ends the sentence
 */
export async function orTooCostly<T>(search: Promise<T>, whatToChange = WHAT_TO_CHANGE): Promise<T> {
  try {
    return await search;
  } catch (error) {
    if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
    throw tooCostly(whatToChange);
  }
}

/** A search that has taken too long. */
export function tooCostly(whatToChange = WHAT_TO_CHANGE): FhirError {
  const text = `The search took longer than the server allows (SEARCH_TIMEOUT_MS), and was ended: ${whatToChange}`;
  return new FhirError('busy', [errorIssue('too-costly', text)]);
}
