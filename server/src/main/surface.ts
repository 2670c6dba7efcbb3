import type { Express } from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Config } from '../config.ts';
import type { FhirHandler } from '../rest/handler.ts';
import { createHttpServer } from '../rest/server.ts';
import { drain, listen } from './listen.ts';
import { answerWhileStarting } from './starting.ts';
import { TENANTS_PATH } from './tenants/tenantUrl.ts';

/** Time that running requests get to end after SIGTERM: the rest of 10 s is for the database's own end. */
const DRAIN_TIMEOUT_MS = 6_500;

export interface Handlers {
  /** Takes requests for its own paths, before all others. @returns false if a path is none of them */
  identity: (request: IncomingMessage, response: ServerResponse) => boolean;
  fhir: FhirHandler;
  app: Express;
}

/**
 * Takes requests for stores of tenants, by their URLs.
 *
 * @param unknown answers where there is no such tenant
 * @returns false if the URL can be none of a tenant, then nothing was done
 */
export type TenantHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  unknown: () => void,
) => boolean;

/** The HTTP server: from the moment that it listens it says that it is starting, until it is opened. */
export interface Surface {
  /** @throws ConfigError that names PORT or HOST */
  listen(): Promise<void>;
  /** Root URL as bound, without a slash at its end; known once it listens. */
  readonly url: string;
  /** As clients know it. */
  readonly publicUrl: string;
  /** No new work should come. */
  readonly draining: boolean;
  open(handlers: Handlers, tenants: TenantHandler): void;
  /** Takes no new requests, and returns when those that run have ended; safe to call twice. */
  drain(): Promise<void>;
}

export function createSurface({ port, host, publicUrl, requestTimeoutMs }: Config): Surface {
  let handlers: Handlers | undefined;
  let tenants: TenantHandler | undefined;
  let drained: Promise<void> | undefined;
  let url = '';
  const server = createHttpServer({
    fhir: (request, response) =>
      handlers !== undefined &&
      !request.url!.startsWith(TENANTS_PATH) &&
      (handlers.identity(request, response) || handlers.fhir(request, response)),
    app: (request, response) => {
      const app = handlers?.app ?? answerWhileStarting;
      if (!tenants?.(request, response, () => app(request, response))) app(request, response);
    },
    requestTimeoutMs,
    isSecure: publicUrl?.startsWith('https:') ?? false,
  });
  // Node's server waits for these too, and cuts none of them off.
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (_request, socket) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
  });
  const end = () => {
    for (const socket of upgraded) socket.destroy();
    return drain(server, DRAIN_TIMEOUT_MS);
  };
  return {
    async listen() {
      const bound = await listen(server, port, host);
      url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
    },
    get url() {
      return url;
    },
    get publicUrl() {
      return publicUrl ?? url;
    },
    get draining() {
      return drained !== undefined;
    },
    open: (ofMain, ofTenants) => {
      handlers = ofMain;
      tenants = ofTenants;
    },
    drain: () => (drained ??= end()),
  };
}
