import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { errorIssue, type ErrorCategory, type IssueCode } from '../fhir/outcome.ts';
import { continueWhenRead } from './http/continueWhenRead.ts';
import { outcomeText } from './http/errors.ts';
import { FHIR_JSON } from './http/negotiation.ts';
import { ALLOWED_METHODS } from './http/origins.ts';
import { securityHeaders } from './http/securityHeaders.ts';
import { STATUS_OF } from './http/status.ts';
import { UpgradeResponse, wantsWebSocket } from './websocket/upgradeResponse.ts';
import { isBelowBase, type FhirHandler } from './handler.ts';

/** Bytes of all headers of a request, the URL included. */
export const HEADERS_BYTES_MAX = 16 * 1024;
/** Header lines of a request. */
export const HEADERS_COUNT_MAX = 100;
/** Time in which a client must have sent its headers. */
export const HEADERS_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** How often Node looks for clients that are too slow. */
const CONNECTIONS_CHECK_MS = 2_000;

export interface HttpServerOptions {
  fhir: FhirHandler;
  /** Everything that is not below the FHIR base (Express). */
  app: RequestListener;
  requestTimeoutMs: number;
  headersTimeoutMs?: number;
  /** Whether clients reach it by https: browsers are then told to try nothing else. */
  isSecure?: boolean;
}

/** The HTTP server: FHIR on plain node:http, the rest on the app. */
export function createHttpServer(options: HttpServerOptions): http.Server {
  const running = new WeakMap<Socket, Exchange>();
  const safe = Object.entries(securityHeaders(options.isSecure ?? false));
  const makeSafe = (response: ServerResponse): ServerResponse => {
    for (const [name, value] of safe) response.setHeader(name, value);
    return response;
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    running.set(request.socket, { request, response });
    const isTarget = toOriginForm(request);
    // What is FHIR writes them itself: Node is slow where headers are set before the others are written.
    if (!isTarget || !isBelowBase(request.url!)) makeSafe(response);
    if (!isTarget) refuse(response, BAD_TARGET);
    else if (request.headers.host === undefined && request.httpVersion !== '1.0')
      refuse(makeSafe(response), NO_HOST);
    else if (hostLines(request) > 1) refuse(makeSafe(response), HOST_TWICE);
    else if (request.rawHeaders.length / 2 > HEADERS_COUNT_MAX) refuse(makeSafe(response), TOO_MANY_HEADERS);
    else if (!options.fhir(request, response)) options.app(request, makeSafe(response));
  };
  const server = http.createServer(
    {
      maxHeaderSize: HEADERS_BYTES_MAX,
      headersTimeout: Math.min(options.headersTimeoutMs ?? HEADERS_TIMEOUT_MS, options.requestTimeoutMs),
      requestTimeout: options.requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      noDelay: true,
      requireHostHeader: false, // Node would refuse without a body: it is done above
      shouldUpgradeCallback: wantsWebSocket,
    },
    answer,
  );
  server.on('upgrade', (request, socket, head) =>
    answer(request, new UpgradeResponse(request, socket, head)),
  );
  // Node would drop the headers beyond its limit, perhaps an If-Match: it gets none, and such requests are refused.
  server.maxHeadersCount = 0;
  server.on('clientError', (error, socket) =>
    answerBrokenRequest(error, socket as Socket, running.get(socket as Socket)),
  );
  server.on('connect', (_request, socket) => endWith(socket as Socket, NO_PROXY));
  server.on('checkContinue', (request, response) => {
    continueWhenRead(request, response);
    server.emit('request', request, response);
  });
  // An expectation that nobody knows may be ignored (RFC 9110 10.1.1); Node would refuse it without a body.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  return server;
}

type Refusal = [ErrorCategory, IssueCode, string];

const TOO_MANY_HEADERS: Refusal = [
  'headers-too-large',
  'too-long',
  `A request may have ${HEADERS_COUNT_MAX} header lines: send fewer.`,
];

const NO_HOST: Refusal = ['incorrect', 'required', 'An HTTP/1.1 request needs a Host header.'];
const HOST_TWICE: Refusal = ['incorrect', 'invalid', 'The Host header stands more than once: send it once.'];
const BAD_TARGET: Refusal = [
  'incorrect',
  'invalid',
  'The request target must be a path, or an http URL of this server.',
];
const NO_PROXY: Refusal = [
  'method-not-allowed',
  'not-supported',
  'This server is no proxy: it takes no CONNECT.',
];

/**
 * Rewrites a request target in absolute form, as proxies send it, to a path and the Host that it names
 * (RFC 9112 3.2.2). @returns false if the target is nothing that a server takes
 */
function toOriginForm(request: IncomingMessage): boolean {
  const target = request.url ?? '';
  if (target.startsWith('/') || target === '*') return true;
  const absolute = /^https?:\/\/([^/?#]+)([/?].*)?$/i.exec(target);
  if (absolute === null) return false;
  const [, host, path = '/'] = absolute;
  request.headers.host = host!;
  request.url = path.startsWith('/') ? path : `/${path}`;
  return true;
}

/** Of several a proxy may believe another one than Node, which takes the first (RFC 9112 3.2). */
function hostLines({ rawHeaders }: IncomingMessage): number {
  let lines = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') lines++;
  }
  return lines;
}

function refuse(response: ServerResponse, [category, code, text]: Refusal): void {
  const body = outcomeText([errorIssue(code, text)]);
  response.writeHead(STATUS_OF[category], { 'Content-Type': FHIR_JSON, Connection: 'close' }).end(body);
}

const BROKEN: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: [
    'headers-too-large',
    'too-long',
    `URL and headers together may have ${HEADERS_BYTES_MAX} bytes: send fewer or shorter ones.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    'timeout',
    'timeout',
    'The request did not arrive in time: send it faster, or in parts.',
  ],
};
const MALFORMED: Refusal = ['incorrect', 'structure', 'This is not well-formed HTTP/1.1.'];

/** The last request of a connection, and its answer. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * Answers what Node's parser refuses, in the same form as everything else. Where that comes after a whole request
 * whose answer is not out yet, the answer goes first: it may acknowledge a write.
 */
function answerBrokenRequest(
  error: Error & { code?: string },
  socket: Socket,
  last: Exchange | undefined,
): void {
  if (last?.request.complete && !last.response.writableFinished && !last.response.destroyed) {
    last.response.once('close', () => answerBrokenRequest(error, socket, undefined));
    return;
  }
  const isAnswered = last?.response.headersSent && !last.request.complete;
  if (isAnswered || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  endWith(socket, BROKEN[error.code ?? ''] ?? MALFORMED);
}

/** Answers on a connection that has no ServerResponse. */
function endWith(socket: Socket, [category, code, text]: Refusal): void {
  const body = outcomeText([errorIssue(code, text)]);
  const status = STATUS_OF[category];
  const allow = category === 'method-not-allowed' ? `Allow: ${ALLOWED_METHODS}\r\n` : '';
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: ${FHIR_JSON}\r\n${allow}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
