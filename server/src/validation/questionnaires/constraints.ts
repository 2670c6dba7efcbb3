import type { JsonObject } from '../../fhir/resource.ts';
import { objectsIn, valueIn } from './answers.ts';
import { fhirPathOf, type Asked, type ExpressionTest } from './expressions.ts';
import { HL7, SDC } from './limits.ts';
import type { ResponseFault } from './responseFault.ts';

/** R4's own (http://hl7.org/fhir/R4/extension-questionnaire-constraint.html), and that of structured data capture. */
const CONSTRAINTS: ReadonlySet<unknown> = new Set([
  `${HL7}questionnaire-constraint`,
  `${SDC}targetConstraint`,
]);

/** Characters that are told of what a constraint says of itself. */
const WORDS_CHARS_MAX = 500;

/**
 * The constraints that a questionnaire, or an item of it, puts in FHIRPath on what answers it.
 *
 * @param path of what answers it, a FHIRPath below the response
 */
export function constraintFaults(
  asked: JsonObject,
  { type, given, path }: { type: Asked; given: JsonObject; path: string },
  holds: ExpressionTest,
): ResponseFault[] {
  return objectsIn(asked.extension).flatMap((extension): ResponseFault[] => {
    if (!CONSTRAINTS.has(extension.url)) return [];
    const part = (url: string): unknown => {
      const found = objectsIn(extension.extension).find((one) => one.url === url);
      return found && valueIn(found)?.value;
    };
    const expression = fhirPathOf(part('expression'));
    if (expression === undefined || holds(expression, type, given) !== false) return [];
    const words = String(part('human') ?? expression)
      .slice(0, WORDS_CHARS_MAX)
      .replace(/[.\s]+$/, '');
    const diagnostics = `${words} (${String(part('key'))}, a constraint of the questionnaire): correct the answers.`;
    const isWarning = part('severity') === 'warning';
    return [
      { rule: 'questionnaire-constraint', path, diagnostics, ...(isWarning && { severity: 'warning' }) },
    ];
  });
}
