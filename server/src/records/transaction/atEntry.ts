import { FhirError } from '../../fhir/outcome.ts';

/**
 * Runs what is about a part of a bundle's entry, and names that part in its errors.
 *
 * @param expression absent: the operation is alone, and errors name what they know
 */
export function atEntry<T>(expression: string | undefined, work: () => T): T {
  if (expression === undefined) return work();
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const issues = error.issues.map((issue) => ({ ...issue, expression: [expression] }));
    throw new FhirError(error.category, issues, error.retryAfterS);
  }
}
