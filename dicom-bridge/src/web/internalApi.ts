import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ArchiveAwayError, ArchiveRefusedError } from '../archive/imageArchive.ts';
import { reasonOf } from '../log/reason.ts';
import { ApiError } from './apiError.ts';

/** Answers a request, or leaves it to others. @returns whether it is its own. @throws ApiError, ArchiveAwayError */
export type Route = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export interface InternalApiOptions {
  host: string;
  /** 0: any that is free. */
  port: number;
  /** What the FHIR server proves itself with. */
  secret: string;
  routes: readonly Route[];
  log: (event: string, details: Record<string, unknown>) => void;
}

const CONNECTIONS_MAX = 256;
/** For the header of a request to come. */
const HEADER_MS = 10_000;
/** Without a byte in either direction, a connection ends. */
const SILENCE_MS = 120_000;
/** After which to ask again when the archive is away. */
const RETRY_AFTER_S = 5;

/** The HTTP interface by which the FHIR server asks for objects, and who runs it for counts. It authorises nobody but the server itself. */
export class InternalApi {
  readonly #options: InternalApiOptions;
  readonly #server: Server;
  readonly #expected: Buffer;

  private constructor(options: InternalApiOptions) {
    this.#options = options;
    this.#expected = digest(`Bearer ${options.secret}`);
    this.#server = createServer(
      { headersTimeout: HEADER_MS, requestTimeout: 0 }, // a large object may take long, if it only comes
      (request, response) => void this.#take(request, response),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.setTimeout(SILENCE_MS);
  }

  /** @throws when the port is taken */
  static async listen(options: InternalApiOptions): Promise<InternalApi> {
    const api = new InternalApi(options);
    api.#server.listen(options.port, options.host);
    await once(api.#server, 'listening');
    return api;
  }

  /** Without a slash at its end. */
  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#requireSecret(request);
      for (const route of this.#options.routes) if (await route(request, response)) return;
      throw new ApiError(404, 'There is nothing at this address.');
    } catch (error) {
      request.resume(); // who still sends reads the answer afterwards
      this.#fail(response, error);
    }
  }

  /** In constant time: digests have one length. */
  #requireSecret({ headers: { authorization = '' } }: IncomingMessage): void {
    if (timingSafeEqual(digest(authorization), this.#expected)) return;
    throw new ApiError(401, 'The secret of the bridge is missing or wrong.', {
      'WWW-Authenticate': 'Bearer',
    });
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (codeOf(error) === GONE) return void response.destroy();
    const fault = faultOf(error);
    if (!fault) this.#options.log('request failed', { reason: reasonOf(error) });
    if (response.headersSent) return void response.destroy(); // who reads it sees that it is not whole
    const { status, message, headers } =
      fault ?? new ApiError(500, 'The bridge has failed; its log says how.');
    response.writeHead(status, { ...headers, 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: message }));
  }
}

/** Whoever asked has left. */
const GONE = 'ERR_STREAM_PREMATURE_CLOSE';
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function faultOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof ArchiveAwayError)
    return new ApiError(503, error.message, { 'Retry-After': RETRY_AFTER_S });
  if (error instanceof ArchiveRefusedError) return new ApiError(400, error.message);
  return undefined;
}
