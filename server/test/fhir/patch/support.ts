import type { ParsedJson } from '../../../src/fhir/json/parse.ts';
import { parseExact } from '../../../src/fhir/json/parse.ts';
import type { Resource } from '../../../src/fhir/resource.ts';

/** A resource as the server has it: its numbers as they are written. */
export const exactly = (text: string): Resource => parseExact(text) as Resource;

/** A body as the server parses it. */
export const parsed = (text: string): ParsedJson => ({ value: JSON.parse(text), exact: parseExact(text) });

/** A FHIRPath Patch of operations, each given by the values of its parts. */
export function parametersOf(...operations: readonly Record<string, object | string | number>[]): object {
  return {
    resourceType: 'Parameters',
    parameter: operations.map((operation) => ({
      name: 'operation',
      part: Object.entries(operation).map(([name, value]) => ({ name, ...valueOf(name, value) })),
    })),
  };
}

function valueOf(name: string, value: object | string | number): object {
  if (typeof value === 'object') return value;
  if (typeof value === 'number') return { valueInteger: value };
  return name === 'type' ? { valueCode: value } : { valueString: value };
}
