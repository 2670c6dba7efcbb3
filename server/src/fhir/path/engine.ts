import { createRequire } from 'node:module';
import { PathEvaluationError } from './errors.ts';

export { PathEvaluationError };

/** A value with its FHIR type, e.g. `CodeableConcept`; FHIRPath's own types as their FHIR counterparts. */
export interface TypedValue {
  type: string;
  value: unknown;
}

/** Finds the elements that an expression selects. */
export type PathProgram = (input: unknown) => TypedValue[];

/** A step on the way from a resource to an element; a choice has its name without the type. */
export interface ElementStep {
  name: string;
  /** Place in the array, where the element stands in one. */
  index: number | undefined;
}

/** Tells where the elements stand that an expression selects; undefined for what is no element of the resource. */
export type PathLocator = (resource: unknown) => (ElementStep[] | undefined)[];

/** Runs any FHIRPath, by the npm package `fhirpath` with its model of R4. Slow: some 20 µs an expression. */
export interface PathEngine {
  /**
   * @param base path of the element that the programs will be given, where it is not a whole resource
   * @throws Error when the expression is no FHIRPath; the program throws PathEvaluationError
   */
  compile(expression: string, base?: string): PathProgram;
  /** @throws Error when the expression is no FHIRPath; the locator throws PathEvaluationError */
  locate(expression: string): PathLocator;
}

type Result = unknown[];
/** What the package makes of an element. */
interface ResourceNode {
  data: unknown;
  parentResNode: ResourceNode | null;
  propName?: string | null;
  index?: number | null;
}
interface FhirPathPackage {
  compile(
    path: string | { base: string; expression: string },
    model: unknown,
    options: { resolveInternalTypes: boolean },
  ): (input: unknown) => Result;
  types(result: Result): string[];
  resolveInternalTypes(result: Result): Result;
}

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
    locate(expression) {
      const run = fhirpath.compile(expression, model, { resolveInternalTypes: false });
      return (resource) => evaluate(run, resource).map((found) => stepsTo(found, resource));
    },
  };
}

function stepsTo(found: unknown, resource: unknown): ElementStep[] | undefined {
  const steps: ElementStep[] = [];
  let node = found as Partial<ResourceNode> | null | undefined;
  while (typeof node === 'object' && node?.parentResNode) {
    if (typeof node.propName !== 'string') return undefined;
    steps.unshift({ name: node.propName, index: node.index ?? undefined });
    node = node.parentResNode;
  }
  return typeof node === 'object' && node?.data === resource ? steps : undefined;
}

/** `FHIR.CodeableConcept` is CodeableConcept, `System.Boolean` is boolean. */
function fhirType(name: string): string {
  const [space, type = ''] = name.split('.');
  return space === 'System' ? type.charAt(0).toLowerCase() + type.slice(1) : type;
}
