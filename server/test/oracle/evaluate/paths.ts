import { createRequire } from 'node:module';

/** A value that an expression selects, with its FHIR type. */
export interface Typed {
  type: string;
  value: unknown;
}

interface FhirPath {
  compile(path: unknown, model: unknown, options: object): (input: unknown) => unknown[];
  types(result: unknown[]): string[];
  resolveInternalTypes(result: unknown[]): unknown[];
}

const require = createRequire(import.meta.url);

/** Selects by FHIRPath with R4's model. @param base path of the element that is given, where it is no resource */
export type Select = (expression: string, input: unknown, base?: string) => Typed[];

export function createSelect(): Select {
  const fhirpath = require('fhirpath') as FhirPath;
  const model: unknown = require('fhirpath/fhir-context/r4');
  const programs = new Map<string, (input: unknown) => unknown[]>();
  return (expression, input, base) => {
    const name = `${base ?? ''} ${expression}`;
    let program = programs.get(name);
    if (!program) {
      const path = base === undefined ? expression : { base, expression };
      program = fhirpath.compile(path, model, { resolveInternalTypes: false });
      programs.set(name, program);
    }
    const result = program(input);
    const types = fhirpath.types(result);
    return fhirpath
      .resolveInternalTypes(result)
      .map((value, i) => ({
        type: types[i]!.replace(/^FHIR\./, '').replace(/^System\.Boolean$/, 'boolean'),
        value,
      }))
      .filter(({ value }) => value !== null && value !== undefined);
  };
}

/** One member of the union that a search parameter's expression is. */
export interface Branch {
  expression: string;
  /** From `where(resolve() is Type)`: only references to this type count. */
  target?: string;
}

/**
 * The members of an expression's union, in a form that runs without a server: `resolve() is` is told apart by the reader
 * of the references, a start at `Resource` or `%resource` is one at the type, and HL7's `DateTime` is dateTime.
 */
export function branchesOf(expression: string, type: string): Branch[] {
  return expression.split(' | ').map((member) => {
    const target = /\.where\(resolve\(\) is (\w+)\)/.exec(member)?.[1];
    const text = member
      .trim()
      .replace(/\.where\(resolve\(\) is \w+\)/, '')
      .replace(/^(Resource|DomainResource|%resource)(?=\.)/, type)
      .replace('ofType(DateTime)', 'ofType(dateTime)');
    return target === undefined ? { expression: text } : { expression: text, target };
  });
}
