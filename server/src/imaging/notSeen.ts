import { FhirError } from '../fhir/outcome.ts';

const NOT_SEEN: ReadonlySet<string> = new Set(['not-found', 'gone', 'forbidden']);

/** Whether a read failed because there is no such record, or none that the caller may see. */
export const isNotSeen = (error: unknown): boolean =>
  error instanceof FhirError && NOT_SEEN.has(error.category);
