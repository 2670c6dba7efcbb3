import express, { type ErrorRequestHandler, type Express, type Response } from 'express';
import type { Registry } from 'prom-client';
import { errorIssue, operationOutcome, type IssueCode } from '../fhir/outcome.ts';

export interface WebParts {
  /** True while the database answers and the server is not stopping. */
  ready(): boolean;
  metrics: Registry;
  /** Absolute URL of the FHIR base, for the entry page. */
  fhirBase: string;
}

/** Everything that is not FHIR: health, metrics, the entry page. */
export function createWebApp(parts: WebParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('alive\n');
  });
  app.get('/readyz', (_request, response) => {
    if (parts.ready()) response.type('text/plain').send('ready\n');
    else response.status(503).set('Retry-After', '2').type('text/plain').send('the database is away\n');
  });
  app.get('/metrics', async (_request, response) => {
    response.set('Content-Type', parts.metrics.contentType).send(await parts.metrics.metrics());
  });
  app.get('/', (_request, response) => {
    response
      .type('text/plain')
      .send(`MaxRay, a FHIR R4 server\nFHIR base: ${parts.fhirBase}\nStart at: ${parts.fhirBase}/metadata\n`);
  });
  app.use((_request, response) => {
    refuse(response, 404, 'not-found', `There is nothing at this URL. The FHIR base is ${parts.fhirBase}`);
  });
  app.use(((error: { status?: number }, _request, response, next) => {
    // Express tells with a status what the client did wrong: all but broken percent-encoding is a defect of ours.
    if (error.status === undefined || error.status >= 500 || response.headersSent) next(error);
    else refuse(response, 400, 'invalid', 'The URL cannot be read: encode it as UTF-8, in percent-encoding.');
  }) satisfies ErrorRequestHandler);
  return app;
}

/** FHIR clients arrive here by a wrong base URL, and understand an OperationOutcome best. */
function refuse(response: Response, status: number, code: IssueCode, diagnostics: string): void {
  const outcome = operationOutcome([errorIssue(code, diagnostics)]);
  response.status(status).type('application/fhir+json').send(JSON.stringify(outcome));
}
