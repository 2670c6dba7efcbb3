import { parseJson } from '../json/parse.ts';
import { fhirError } from '../outcome.ts';
import { operationExpression } from './fhirpath/operations.ts';
import { isJsonObject } from './tree.ts';

/** Parts of an operation that are texts; the value is the text of any JSON. */
const TEXTS = ['op', 'path', 'from'];

/**
 * A JSON Patch that is written as a Parameters resource, as clients of Medplum do in bundles: an operation has the parts
 * `op`, `path`, `from` and `value`, where one of FHIRPath Patch has a `type`.
 *
 * @param patch as exact tree
 * @returns the JSON Patch document; undefined when it is something else
 * @throws FhirError `incorrect` where a value is no JSON
 */
export function jsonPatchOfParameters(patch: unknown): object[] | undefined {
  const parameters = isJsonObject(patch) && patch.resourceType === 'Parameters' ? patch.parameter : undefined;
  if (!Array.isArray(parameters) || parameters.length === 0) return undefined;
  const operations = parameters.map(partsOf);
  return operations.every((parts) => parts.some(({ name }) => name === 'op'))
    ? operations.map(jsonOperation)
    : undefined;
}

interface Part {
  name: unknown;
  value: unknown;
}

function partsOf(parameter: unknown): Part[] {
  const parts: unknown = isJsonObject(parameter) && parameter.name === 'operation' ? parameter.part : [];
  return (Array.isArray(parts) ? parts.filter(isJsonObject) : []).map((part) => ({
    name: part.name,
    value: part.valueString ?? part.valueCode,
  }));
}

function jsonOperation(parts: readonly Part[], index: number): object {
  return Object.fromEntries(
    parts.map(({ name, value }) => {
      if (typeof name === 'string' && TEXTS.includes(name)) return [name, value];
      if (name === 'value' && typeof value === 'string') return [name, parseJson(Buffer.from(value)).exact];
      const text = 'The parts of a JSON Patch operation are op, path, from, and value with the text of JSON.';
      throw fhirError('incorrect', 'value', text, operationExpression(index));
    }),
  );
}
