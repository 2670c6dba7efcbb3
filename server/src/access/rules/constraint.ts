import { PathEvaluationError, PathSyntaxError } from '../../fhir/path/errors.ts';
import { compileExpression } from '../../fhir/path/evaluate/compileExpression.ts';
import { NONE, type Nodes } from '../../fhir/path/evaluate/nodes.ts';
import type { PathModel } from '../../fhir/path/evaluate/run.ts';
import { nodeOf } from '../../fhir/path/evaluate/values/values.ts';
import type { Resource } from '../../fhir/resource.ts';
import { PolicyFault } from '../faults.ts';
import type { Variables } from '../grants.ts';

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
 * Compiles AccessPolicy.resource.writeConstraint, which is evaluated on the resource as it is to be: `%before` and `%after` are the two
 * versions, the policy's variables texts (`%profile` is 'Practitioner/1'). What is not true is not satisfied: also what is empty, and what cannot be evaluated.
 *
 * @throws PolicyFault
 */
export function compileConstraint(
  model: PathModel,
  type: string,
  { language, expression, description }: { language?: string; expression?: string; description?: string },
  variables: Variables,
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
  const known = [...variables]
    .filter(([, values]) => values.length > 0)
    .map(([name, values]): [string, Nodes] => [
      name,
      values.map((value) => nodeOf('reference' in value ? value.reference : value.text)),
    ]);
  return {
    text: description ?? expression,
    holds(before, after) {
      const versions: [string, Nodes][] = [
        ['before', before ? [model.shapes.resource(before)] : NONE],
        ['after', [model.shapes.resource(after)]],
      ];
      try {
        return compiled.test(after, { variables: new Map([...known, ...versions]) }) === true;
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
