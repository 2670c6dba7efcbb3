import { PathEvaluationError, PathSyntaxError } from '../../fhir/path/errors.ts';
import { compileExpression } from '../../fhir/path/evaluate/compileExpression.ts';
import { NONE } from '../../fhir/path/evaluate/nodes.ts';
import type { PathModel } from '../../fhir/path/evaluate/run.ts';
import type { Resource } from '../../fhir/resource.ts';
import { PolicyFault } from '../faults.ts';

/** What a write must satisfy. */
export interface WriteConstraint {
  /** FHIRPath as the policy has it, or what it says for people. */
  text: string;
  /** Whether a write from one version to another satisfies it. @param before absent: a create */
  holds(before: Resource | undefined, after: Resource): boolean;
}

/** Longest expression of a write constraint, in characters. */
export const CONSTRAINT_CHARS_MAX = 10_000;

/**
 * Compiles AccessPolicy.resource.writeConstraint, which is evaluated on the resource as it is to be, `%before` and `%after` being the two
 * versions. What is not true is not satisfied: also what is empty, and what cannot be evaluated.
 *
 * @throws PolicyFault
 */
export function compileConstraint(
  model: PathModel,
  type: string,
  { language, expression, description }: { language?: string; expression?: string; description?: string },
): WriteConstraint {
  if (language !== undefined && language !== 'text/fhirpath') {
    throw new PolicyFault("A write constraint must be FHIRPath: its language is 'text/fhirpath'.");
  }
  if (expression === undefined || expression.length > CONSTRAINT_CHARS_MAX) {
    throw new PolicyFault(
      `A write constraint needs an expression, of at most ${CONSTRAINT_CHARS_MAX} characters.`,
    );
  }
  const compiled = compiledOrFault(() => compileExpression(expression, { model, type }));
  return {
    text: description ?? expression,
    holds(before, after) {
      const variables = new Map([
        ['before', before ? [model.shapes.resource(before)] : NONE],
        ['after', [model.shapes.resource(after)]],
      ]);
      try {
        return compiled.test(after, { variables }) === true;
      } catch (error) {
        if (error instanceof PathEvaluationError) return false;
        throw error;
      }
    },
  };
}

function compiledOrFault<T>(compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof PathSyntaxError)) throw error;
    throw new PolicyFault(`A write constraint is no FHIRPath: ${error.message}.`);
  }
}
