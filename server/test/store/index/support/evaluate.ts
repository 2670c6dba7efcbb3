import { createRequire } from 'node:module';

/** A value that an expression selects, with its FHIR type. */
export interface Evaluated {
  type: string;
  value: unknown;
}

interface FhirPath {
  compile(path: unknown, model: unknown, options: object): (input: unknown) => unknown[];
  types(result: unknown[]): string[];
  resolveInternalTypes(result: unknown[]): unknown[];
}

const require = createRequire(import.meta.url);
const fhirpath = require('fhirpath') as FhirPath;
const model: unknown = require('fhirpath/fhir-context/r4');
const programs = new Map<string, (input: unknown) => unknown[]>();

/**
 * Evaluates a search parameter's own expression by fhirpath, with nothing of ours in between. What the engine
 * cannot run is written differently: `resolve()` asks servers, so the type in the reference is compared, or that of a resource in its place; `Resource`
 * as a start is the type itself; `DateTime` is FHIR's `dateTime`; and a union is run branch by branch, because the
 * engine compares all the members of a union, which it cannot do with a Quantity that has a comparator.
 */
export function evaluate(
  expression: string,
  resourceType: string,
  input: unknown,
  base?: string,
): Evaluated[] {
  const text = expression
    .replace(/\.resource\.where\(resolve\(\) is (\w+)\)/g, '.resource.ofType($1)')
    .replace(/resolve\(\) is (\w+)/g, "reference.startsWith('$1/')")
    .replace(/(?<![\w.])(Resource|%resource)(?=\.)/g, resourceType)
    .replace(/ofType\(DateTime\)/g, 'ofType(dateTime)');
  return text.split(' | ').flatMap((branch) => run(branch, input, base));
}

function run(expression: string, input: unknown, base: string | undefined): Evaluated[] {
  const path = base === undefined ? expression : { base, expression };
  const id = JSON.stringify(path);
  let program = programs.get(id);
  if (!program) programs.set(id, (program = fhirpath.compile(path, model, { resolveInternalTypes: false })));
  const result = program(input);
  const types = fhirpath.types(result);
  return fhirpath
    .resolveInternalTypes(result)
    .map((value, i) => ({ type: types[i]!.replace(/^FHIR\.|^System\./, ''), value }));
}
