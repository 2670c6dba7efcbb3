import type { ParsedJson } from '../fhir/json/parse.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { JsonObject, Resource } from '../fhir/resource.ts';
import { parameterFault, sentExpression } from './parameterFault.ts';

/** Most parameters in one call, parts counted as well. */
export const OPERATION_PARAMETERS_MAX = 1000;

/** One parameter of a call: from the URL, or of a Parameters resource. */
export interface OperationParameter {
  name: string;
  /** A primitive value as text, as it would stand in a URL. */
  text?: string;
  /** Name of the value's type as it stands behind `value`: `Meta`, `String`, `Period`, ...; absent in a URL. */
  valueType?: string;
  /** The value as plain JSON, and as exact tree for whoever writes it again (see ParsedJson). */
  value?: unknown;
  exact?: unknown;
  resource?: { value: Resource; exact: Resource };
  part?: readonly OperationParameter[];
}

/** The input of an operation (http://hl7.org/fhir/R4/operations.html#request), in order. */
export class OperationParameters {
  readonly all: readonly OperationParameter[];

  constructor(all: readonly OperationParameter[]) {
    this.all = all;
  }

  /** Every parameter of this name. */
  named(name: string): OperationParameter[] {
    return this.all.filter((parameter) => parameter.name === name);
  }

  /** The texts of a parameter that may repeat. @throws FhirError `incorrect` where one is no primitive */
  texts(name: string): string[] {
    return this.named(name).map((parameter) => {
      if (parameter.text !== undefined) return parameter.text;
      throw parameterFault('value', name, `The parameter '${name}' must be a primitive value.`);
    });
  }

  /** The text of a parameter that stands once at most. @throws FhirError `incorrect` where it repeats or is no primitive */
  text(name: string): string | undefined {
    const texts = this.texts(name);
    if (texts.length > 1)
      throw parameterFault('invalid', name, `The parameter '${name}' may be given only once.`);
    return texts[0];
  }

  /**
   * All as query pairs, for operations that take search parameters.
   *
   * @throws FhirError `incorrect` where one is no primitive
   */
  pairs(): [string, string][] {
    return this.all.map(({ name, text }) => {
      if (text !== undefined) return [name, text];
      const fault = 'Every parameter of this operation must be a primitive value.';
      throw fhirError('incorrect', 'value', fault, sentExpression(name));
    });
  }
}

/** Parameters that say how to answer; the HTTP surface reads them. */
const PRESENTATION = new Set(['_format', '_pretty']);

/**
 * The URL's parameters, then those of the body: a Parameters resource, or another resource, which stands for the
 * parameter `resource` (http://hl7.org/fhir/R4/operations.html#request).
 *
 * @param isContent any body stands for the parameter `resource`: a Parameters resource, and what is no resource, too
 * @throws FhirError `incorrect` when the body is neither
 */
export function operationParameters(
  query: readonly (readonly [string, string])[],
  body?: ParsedJson,
  isContent = false,
): OperationParameters {
  const fromUrl = query
    .filter(([name]) => !PRESENTATION.has(name))
    .map(([name, text]) => ({ name, text, value: text, exact: text }));
  const count = { left: OPERATION_PARAMETERS_MAX - fromUrl.length };
  if (count.left < 0) throw tooMany();
  const fromBody = body === undefined ? [] : bodyParameters(body, count, isContent);
  return new OperationParameters([...fromUrl, ...fromBody]);
}

function bodyParameters(body: ParsedJson, count: { left: number }, isContent: boolean): OperationParameter[] {
  const value = body.value as Resource | null;
  const exact = body.exact as Resource;
  if (isContent) return [{ name: 'resource', resource: { value: value as Resource, exact } }];
  if (typeof value !== 'object' || value === null || typeof value.resourceType !== 'string') {
    throw fhirError('incorrect', 'structure', 'The body of an operation must be a Parameters resource.');
  }
  if (value.resourceType !== 'Parameters') return [{ name: 'resource', resource: { value, exact } }];
  return parameterList(value.parameter, exact.parameter, count, 'Parameters.parameter');
}

function parameterList(
  values: unknown,
  exacts: unknown,
  count: { left: number },
  at: string,
): OperationParameter[] {
  if (values === undefined) return [];
  if (!Array.isArray(values)) throw notParameters(at);
  if ((count.left -= values.length) < 0) throw tooMany();
  return values.map((value, i) => {
    const path = `${at}[${i}]`;
    if (typeof value !== 'object' || value === null) throw notParameters(path);
    return oneParameter(value as JsonObject, (exacts as JsonObject[])[i]!, count, path);
  });
}

function oneParameter(
  value: JsonObject,
  exact: JsonObject,
  count: { left: number },
  at: string,
): OperationParameter {
  if (typeof value.name !== 'string') throw notParameters(`${at}.name`);
  const parameter: OperationParameter = { name: value.name };
  const valueName = Object.keys(value).find((key) => key.startsWith('value'));
  if (valueName !== undefined) {
    parameter.valueType = valueName.slice('value'.length);
    parameter.value = value[valueName];
    parameter.exact = exact[valueName];
    if (typeof parameter.value !== 'object') parameter.text = textOf(exact[valueName]);
  }
  if (value.resource !== undefined) {
    if (typeof value.resource !== 'object' || value.resource === null) throw notParameters(`${at}.resource`);
    parameter.resource = { value: value.resource as Resource, exact: exact.resource as Resource };
  }
  if (value.part !== undefined) parameter.part = parameterList(value.part, exact.part, count, `${at}.part`);
  return parameter;
}

/** A number keeps the text that it was sent with. */
const textOf = (exact: unknown) => (typeof exact === 'string' ? exact : JSON.stringify(exact));

const notParameters = (at: string) =>
  fhirError(
    'incorrect',
    'structure',
    'A Parameters resource has parameters with a name and a value, resource or parts.',
    at,
  );

const tooMany = () =>
  fhirError(
    'incorrect',
    'too-costly',
    `A call takes ${OPERATION_PARAMETERS_MAX} parameters at the most: send fewer.`,
  );
