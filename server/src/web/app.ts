import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Registry } from 'prom-client';
import { FhirError, errorIssue, fhirError, operationOutcome, type IssueCode } from '../fhir/outcome.ts';
import type { Caller } from '../records/caller.ts';
import { errorResponse } from '../rest/http/errors.ts';
import { webhookRoutes, type Webhook } from './webhooks.ts';

export interface MachineParts {
  /** True while the database answers and the server is not stopping. */
  ready(): boolean;
  metrics: Pick<Registry, 'contentType' | 'metrics'>;
}

export interface WebParts {
  /** What is of the whole server and not of one store; absent for the store of a tenant. */
  machine?: MachineParts;
  /** Absolute URL of the FHIR base, for the entry page. */
  fhirBase: string;
  /** How often somebody may ask who has not signed in. */
  limits: {
    /** @throws FhirError throttled */
    anonymous(request: IncomingMessage): void;
    refused(request: IncomingMessage): void;
  };
  /** Who sends a request. @throws FhirError `login`, busy, throttled */
  authenticate(request: IncomingMessage): Promise<Caller>;
  /** Runs a bot that takes requests of anybody. */
  webhook: Webhook;
  /** What the sender is told of himself. @throws FhirError `login`, busy, throttled */
  me(request: IncomingMessage): Promise<object>;
  /** Called with errors that are defects of the server; must not log content. */
  onDefect(error: unknown, requestId: string): void;
}

type Refused = [status: number, code: IssueCode, text: string];
const BROKEN_URL: Refused = [
  400,
  'invalid',
  'The URL cannot be read: encode it as UTF-8, in percent-encoding.',
];
const BROKEN_BODY: Refused = [
  400,
  'structure',
  'The body cannot be read: it is not whole, or not what its Content-Encoding says.',
];
const REFUSED: Readonly<Record<number, Refused>> = {
  413: [413, 'too-long', 'The body is too long: send less at once.'],
  415: [415, 'not-supported', 'Content-Encoding must be gzip, deflate, br or identity.'],
};

/** Everything that is not FHIR: health, metrics, the entry page. */
export function createWebApp(parts: WebParts): Express {
  const app = express();
  app.disable('x-powered-by');
  if (parts.machine) addMachineRoutes(app, parts.machine, parts.authenticate);
  app.use('/auth/me', openToPages);
  app.get('/auth/me', async (request, response) => {
    response.set('Cache-Control', 'no-store').json(await parts.me(request));
  });
  app.use((request, _response, next) => {
    parts.limits.anonymous(request);
    next();
  });
  app.use(webhookRoutes(parts.webhook));
  app.get('/', (_request, response) => {
    response
      .type('text/plain')
      .send(
        `MaxRay, a FHIR R4 server\nFHIR base: ${parts.fhirBase}\nStart at: ${parts.fhirBase}/metadata\nYour account: ${accountUrl(parts.fhirBase)}\n`,
      );
  });
  app.use((_request, response) => {
    refuse(response, 404, 'not-found', `There is nothing at this URL. The FHIR base is ${parts.fhirBase}`);
  });
  app.use(((error: { status?: number }, request, response, next) => {
    if (response.headersSent) return next(error); // which ends the connection
    if (error instanceof FhirError && error.category === 'login') parts.limits.refused(request);
    // Express tells with a status what the client did wrong.
    const { status = 500 } = error;
    if (error instanceof FhirError || status >= 500) answerError(response, error, parts.onDefect);
    else if ((error as Error).name === 'URIError') refuse(response, ...BROKEN_URL);
    else refuse(response, ...(REFUSED[status] ?? BROKEN_BODY));
  }) satisfies ErrorRequestHandler);
  return app;
}

/** The page on which users see their sessions, passkeys and apps. */
const accountUrl = (fhirBase: string): string => fhirBase.replace(/\/fhir\/R4$/, '/oauth2/account');

function addMachineRoutes(
  app: Express,
  { ready, metrics }: MachineParts,
  authenticate: WebParts['authenticate'],
): void {
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('alive\n');
  });
  app.get('/readyz', (_request, response) => {
    if (ready()) response.type('text/plain').send('ready\n');
    else response.status(503).set('Retry-After', '2').type('text/plain').send('the database is away\n');
  });
  app.get('/metrics', async (request, response) => {
    const { isAdministrator } = await authenticate(request);
    if (!isAdministrator) throw fhirError('forbidden', 'forbidden', 'Only administrators see metrics.');
    response.set('Content-Type', metrics.contentType).send(await metrics.metrics());
  });
}

/** FHIR clients arrive here by a wrong base URL, and understand an OperationOutcome best. */
function refuse(response: Response, status: number, code: IssueCode, diagnostics: string): void {
  const outcome = operationOutcome([errorIssue(code, diagnostics)]);
  response.status(status).type('application/fhir+json').send(JSON.stringify(outcome));
}

/** A token is needed, so that a page of another origin gets nothing without one. */
const openToPages: RequestHandler = (request, response, next) => {
  response.set({
    'Access-Control-Allow-Origin': request.headers.origin ?? '*',
    'Access-Control-Allow-Credentials': 'true', // as for the FHIR base: no cookie is looked at
    Vary: 'Origin',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Medplum, Accept',
    'Access-Control-Allow-Methods': 'GET',
  });
  if (request.method === 'OPTIONS') response.status(204).end();
  else next();
};

/** What is refused; of a defect no more than that there is one: Express itself would show and print what was thrown. */
function answerError(response: Response, error: unknown, onDefect: WebParts['onDefect']): void {
  const requestId = randomUUID();
  const { status, headers, body } = errorResponse(error, (defect) => onDefect(defect, requestId));
  response
    .status(status)
    .set({ ...headers, 'X-Request-Id': requestId })
    .type('application/fhir+json')
    .send(body);
}
