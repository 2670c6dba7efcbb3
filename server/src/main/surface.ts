import type { Express } from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import type { FhirHandler } from '../rest/handler.ts';
import { createHttpServer } from '../rest/server.ts';
import type { Lifetime } from './lifetime.ts';
import { drain, listen } from './listen.ts';
import { answerWhileStarting } from './starting.ts';

/** Time that running requests get to end after SIGTERM: the rest of 10 s is for the database's own end. */
const DRAIN_TIMEOUT_MS = 6_500;

export interface Handlers {
  /** Takes requests for its own paths, before all others. @returns false if a path is none of them */
  identity: (request: IncomingMessage, response: ServerResponse) => boolean;
  fhir: FhirHandler;
  app: Express;
}

/** The HTTP server: it listens from the first moment, and says that it is starting until it is opened. */
export interface Surface {
  /** Root URL as bound, without a slash at its end. */
  readonly url: string;
  /** As clients know it. */
  readonly publicUrl: string;
  /** No new work should come. */
  readonly draining: boolean;
  open(handlers: Handlers): void;
}

/** Listens, and at the end of `lifetime` drains. @throws ConfigError that names PORT or HOST */
export async function openSurface(
  { port, host, publicUrl, requestTimeoutMs }: Config,
  lifetime: Lifetime,
): Promise<Surface> {
  let handlers: Handlers | undefined;
  let draining = false;
  const server = createHttpServer({
    fhir: (request, response) =>
      handlers !== undefined && (handlers.identity(request, response) || handlers.fhir(request, response)),
    app: (request, response) => (handlers?.app ?? answerWhileStarting)(request, response),
    requestTimeoutMs,
  });
  const bound = await listen(server, port, host);
  lifetime.atEnd(() => {
    draining = true;
    return drain(server, DRAIN_TIMEOUT_MS);
  });
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  return {
    url,
    publicUrl: publicUrl ?? url,
    get draining() {
      return draining;
    },
    open: (all) => void (handlers = all),
  };
}
