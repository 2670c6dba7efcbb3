import { createRequire } from 'node:module';

/** A value with its FHIR type, e.g. `CodeableConcept`; FHIRPath's own types as their FHIR counterparts. */
export interface TypedValue {
  type: string;
  value: unknown;
}

/** Finds the elements that an expression selects. */
export type PathProgram = (input: unknown) => TypedValue[];

/** Runs any FHIRPath, by the npm package `fhirpath` with its model of R4. Slow: some 20 µs an expression. */
export interface PathEngine {
  /**
   * @param base path of the element that the programs will be given, where it is not a whole resource
   * @throws Error when the expression is no FHIRPath; the program throws PathEvaluationError
   */
  compile(expression: string, base?: string): PathProgram;
}

type Result = unknown[];
interface FhirPathPackage {
  compile(
    path: string | { base: string; expression: string },
    model: unknown,
    options: { resolveInternalTypes: boolean },
  ): (input: unknown) => Result;
  types(result: Result): string[];
  resolveInternalTypes(result: Result): Result;
}

/** An expression cannot be evaluated on an input: it asks for one value where there are several, or for another type. */
export class PathEvaluationError extends Error {}

function evaluate(run: (input: unknown) => Result, input: unknown): Result {
  try {
    return run(input);
  } catch (error) {
    throw new PathEvaluationError('the expression cannot be evaluated on this input', { cause: error });
  }
}

/** Loads the engine, which takes some 100 ms: call it when the first expression needs it. */
export function createPathEngine(): PathEngine {
  const require = createRequire(import.meta.url);
  const fhirpath = require('fhirpath') as FhirPathPackage;
  const model: unknown = require('fhirpath/fhir-context/r4');
  return {
    compile(expression, base) {
      const path = base === undefined ? expression : { base, expression };
      const run = fhirpath.compile(path, model, { resolveInternalTypes: false });
      return (input) => {
        const result = evaluate(run, input);
        const types = fhirpath.types(result);
        return fhirpath
          .resolveInternalTypes(result)
          .map((value, i) => ({ type: fhirType(types[i] ?? ''), value }));
      };
    },
  };
}

/** `FHIR.CodeableConcept` is CodeableConcept, `System.Boolean` is boolean. */
function fhirType(name: string): string {
  const [space, type = ''] = name.split('.');
  return space === 'System' ? type.charAt(0).toLowerCase() + type.slice(1) : type;
}
