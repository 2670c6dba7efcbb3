import { isId } from '../fhir/id.ts';
import type { OperationParameters } from './parameters.ts';
import { parameterFault } from './parameterFault.ts';

/**
 * Id of what a parameter refers to: a Reference, or its text.
 *
 * @param base absolute URL of the FHIR base
 * @returns undefined where the parameter is not given
 * @throws FhirError `incorrect`
 */
export function referencedId(
  parameters: OperationParameters,
  name: string,
  type: string,
  base: string,
): string | undefined {
  const [parameter, ...others] = parameters.named(name);
  if (parameter === undefined) return undefined;
  const text = parameter.text ?? (parameter.value as { reference?: unknown } | undefined)?.reference;
  const relative = String(text).replace(`${base}/`, '');
  const [named, id = '', ...rest] = relative.split('/');
  if (others.length === 0 && named === type && isId(id) && rest.length === 0) return id;
  const what = `The parameter ${name} takes one reference to a ${type} of this server, such as ${type}/1.`;
  throw parameterFault('value', name, what);
}
