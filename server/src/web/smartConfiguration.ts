import type { IncomingMessage, ServerResponse } from 'node:http';

/** Any page may ask how to sign in. */
const HEADERS = { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' };
const MAX_AGE_S = 300;

/**
 * Answers `.well-known/smart-configuration` below the FHIR base (SMART App Launch 2.2, "Using .well-known").
 *
 * @returns what handles a request for it; false for other paths, then nothing was done
 */
export function smartConfigurationDocument(fhirBasePath: string, document: object) {
  const path = `${fhirBasePath}/.well-known/smart-configuration`;
  const text = JSON.stringify(document);
  return ({ url = '', method }: IncomingMessage, response: ServerResponse): boolean => {
    if (url !== path && !url.startsWith(`${path}?`)) return false;
    if (method === 'GET' || method === 'HEAD') {
      response.writeHead(200, { ...HEADERS, 'Cache-Control': `max-age=${MAX_AGE_S}` });
      response.end(method === 'HEAD' ? undefined : text);
    } else if (method === 'OPTIONS') {
      response.writeHead(204, { ...HEADERS, 'Access-Control-Allow-Headers': 'Accept' }).end();
    } else response.writeHead(405, { Allow: 'GET, HEAD, OPTIONS' }).end();
    return true;
  };
}
