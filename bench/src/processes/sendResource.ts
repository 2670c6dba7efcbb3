import { FHIR_BASE } from './fhirBase.ts';
import { headersFor, LOOPBACK, type Place } from './target.ts';

const ERROR_TEXT_CHARS = 300;

/**
 * Sends one resource, in no hurry.
 *
 * @param path below the FHIR base, beginning with a slash
 * @returns the JSON of the answer
 * @throws on any status other than 2xx
 */
export const sendResource = async (
  place: Place,
  method: 'POST' | 'PUT',
  path: string,
  resource: object,
): Promise<unknown> => {
  const response = await fetch(`http://${LOOPBACK}:${place.port}${FHIR_BASE}${path}`, {
    method,
    headers: {
      'content-type': 'application/fhir+json',
      accept: 'application/fhir+json',
      ...headersFor(place),
    },
    body: JSON.stringify(resource),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${method} ${path}: status ${response.status} ${text.slice(0, ERROR_TEXT_CHARS)}`);
  return JSON.parse(text);
};
