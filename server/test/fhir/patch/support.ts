import { expect } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { readPatch } from '../../../src/fhir/patch/patch.ts';
import type { ParsedJson } from '../../../src/fhir/json/parse.ts';
import { parseExact } from '../../../src/fhir/json/parse.ts';
import type { Resource } from '../../../src/fhir/resource.ts';

/** A resource as the server has it: its numbers as they are written. */
export const exactly = (text: string): Resource => parseExact(text) as Resource;

/** A body as the server parses it. */
export const parsed = (text: string): ParsedJson => ({ value: JSON.parse(text), exact: parseExact(text) });

/** The values of the parts of an operation by name; objects are the parts' own members. */
export type Operation = Record<string, object | string | number>;

/** A FHIRPath Patch of operations, each given by the values of its parts. */
export function parametersOf(...operations: readonly Operation[]): object {
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

/** Applies a FHIRPath Patch, and makes sure that what it is applied to stays as it is. @returns the text of the result */
export function patchedText(
  definitions: Definitions,
  resource: object | string,
  ...operations: readonly Operation[]
): string {
  const text = typeof resource === 'string' ? resource : JSON.stringify(resource);
  const body = parsed(JSON.stringify(parametersOf(...operations)));
  const patch = readPatch('application/fhir+json', body, definitions);
  const before = exactly(text);
  const result = JSON.stringify(patch.apply(before));
  expect(JSON.stringify(before)).toBe(text);
  return result;
}

export function faultOf(run: () => unknown): FhirError {
  try {
    run();
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

export const patient = (more: object) => ({ resourceType: 'Patient', id: 'x', ...more });

/** A patient with two names of which one is official. */
export const NAMES = patient({
  active: true,
  name: [
    { use: 'official', family: 'A', given: ['a', 'b'] },
    { use: 'usual', given: ['c'] },
  ],
  contact: [{ gender: 'male' }],
});
