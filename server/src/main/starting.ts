import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorIssue, operationOutcome } from '../fhir/outcome.ts';

/** Seconds after which to ask again. */
const RETRY_AFTER_S = 2;

/** Answers from the moment that the port is open until the server can do its work: alive, but not ready. */
export function answerWhileStarting(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/healthz') {
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('alive\n');
    return;
  }
  const outcome = operationOutcome([
    errorIssue('transient', 'The server is still starting; nothing was done. Try again.'),
  ]);
  const headers = { 'Content-Type': 'application/fhir+json', 'Retry-After': String(RETRY_AFTER_S) };
  response.writeHead(503, headers).end(JSON.stringify(outcome));
}
