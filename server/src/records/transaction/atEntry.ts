import { FhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';

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
    throw placed(error, expression);
  }
}

/** The same for work that waits. */
export async function atEntryAwaited<T>(expression: string | undefined, work: () => Promise<T>): Promise<T> {
  if (expression === undefined) return work();
  try {
    return await work();
  } catch (error) {
    throw placed(error, expression);
  }
}

/** Runs what is about the resource of an entry; its errors keep what they name below the type of that resource. */
export function atResource<T>(expression: string, { resourceType }: Resource, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const placedBelow = (one: string) =>
      one.startsWith(`${resourceType}.`) ? expression + one.slice(resourceType.length) : expression;
    const issues = error.issues.map((issue) => ({
      ...issue,
      expression: (issue.expression ?? [resourceType]).map(placedBelow),
    }));
    throw new FhirError(error.category, issues, error.retryAfterS);
  }
}

function placed(error: unknown, expression: string): unknown {
  if (!(error instanceof FhirError)) return error;
  const issues = error.issues.map((issue) => ({ ...issue, expression: [expression] }));
  return new FhirError(error.category, issues, error.retryAfterS);
}
