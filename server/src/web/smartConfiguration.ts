import type { IncomingMessage, ServerResponse } from 'node:http';

/** Any page may ask how to sign in. */
const HEADERS = { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' };
const MAX_AGE_S = 300;

/**
 * Answers `.well-known/smart-configuration` below the FHIR base (SMART App Launch 2.2, "Using .well-known").
 *
 * @param commonHeaders of every answer
 * @returns what handles a request for it; false for other paths, then nothing was done
 */
export function smartConfigurationDocument(
  fhirBasePath: string,
  document: object,
  commonHeaders: Readonly<Record<string, string>>,
) {
  const path = `${fhirBasePath}/.well-known/smart-configuration`;
  const text = JSON.stringify(document);
  const headers = { ...commonHeaders, ...HEADERS };
  return ({ url = '', method }: IncomingMessage, response: ServerResponse): boolean => {
    if (url !== path && !url.startsWith(`${path}?`)) return false;
    if (method === 'GET' || method === 'HEAD') {
      response.writeHead(200, { ...headers, 'Cache-Control': `max-age=${MAX_AGE_S}` });
      response.end(method === 'HEAD' ? undefined : text);
    } else if (method === 'OPTIONS') {
      response.writeHead(204, { ...headers, 'Access-Control-Allow-Headers': 'Accept' }).end();
    } else response.writeHead(405, { ...commonHeaders, Allow: 'GET, HEAD, OPTIONS' }).end();
    return true;
  };
}
