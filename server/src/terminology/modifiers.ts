import type { JsonObject } from '../fhir/resource.ts';
import { TerminologyError } from './issue.ts';

/**
 * Modifier extensions change what an element means, and none is understood here: who does not understand one must not go by the
 * element (http://hl7.org/fhir/R4/extensibility.html#modifierExtension).
 *
 * @param what the element, for the message
 * @throws TerminologyError `unprocessable` where an element has one
 */
export function refuseModifiers(what: string, ...elements: readonly JsonObject[]): void {
  const found = elements.find(({ modifierExtension }) => modifierExtension !== undefined);
  if (!found) return;
  const urls = [found.modifierExtension].flat().map((one) => String((one as JsonObject | null)?.url));
  throw new TerminologyError('unprocessable', {
    severity: 'error',
    code: 'business-rule',
    text: `${what} has modifier extensions that are not understood here (${urls.join(', ')}): it cannot be used.`,
  });
}
