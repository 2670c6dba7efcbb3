import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FhirError } from '../fhir/outcome.ts';
import { showError } from './pages/failure.ts';

/** Refuses a request of an address that asks too often: on a page where somebody looks at it, else in OAuth's words. */
export function answerThrottled(error: FhirError, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Retry-After', String(error.retryAfterS ?? 1));
  if (request.headers.accept?.includes('text/html')) return showError(error, response);
  // Pages of apps must be able to read when to try again.
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'Retry-After',
  };
  // RFC 6749 has no code of its own for it.
  const body = { error: 'temporarily_unavailable', error_description: error.message };
  response.writeHead(429, headers).end(JSON.stringify(body));
}
