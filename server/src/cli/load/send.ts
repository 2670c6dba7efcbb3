import http from 'node:http';
import https from 'node:https';
import type { LoadOptions } from './options.ts';
import type { Authorize } from '../signIn.ts';
import type { Upload } from './upload.ts';

/** What the server answered. */
export interface Answer {
  status: number;
  /** `Retry-After` in milliseconds, where the server gave one. */
  retryAfterMs: number | undefined;
  /** The body, as far as it is kept; empty for the success of anything but a batch. */
  body: string;
}

/** No answer came. */
export class SendError extends Error {
  /** True when the request may have reached the server, so that nobody knows whether it was carried out. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

export interface Sender {
  /** @throws SendError when no answer came */
  send(upload: Upload): Promise<Answer>;
  close(): void;
}

/** A server that says nothing for so long is given up on. */
const SILENCE_TIMEOUT_MS = 5 * 60_000;
/** Of an answer, no more than this is kept: the rest is read and dropped. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** Sends requests over HTTP, on connections that are kept open. */
export function createSender(
  { url, parallel }: Pick<LoadOptions, 'url' | 'parallel'>,
  authorize: Authorize,
): Sender {
  const { request, Agent } = url.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: parallel });
  return {
    send: async (upload) => {
      const authorization = await authorized(authorize);
      return new Promise((resolve, reject) => {
        const outgoing = request(target(url, upload.path), {
          method: upload.method,
          // What must not be sent twice gets a connection of its own: one that was kept may just be closing.
          agent: upload.repeatable ? agent : false,
          timeout: SILENCE_TIMEOUT_MS,
          headers: {
            'Content-Type': 'application/fhir+json',
            'Content-Length': upload.body.length,
            Accept: 'application/fhir+json',
            Prefer: 'return=minimal',
            ...(authorization === undefined ? {} : { Authorization: authorization }),
          },
        });
        const state = watchConnection(outgoing);
        outgoing.on('timeout', () => outgoing.destroy(new Error('the server was silent for 5 minutes')));
        outgoing.on('error', (error: NodeJS.ErrnoException) => {
          reject(new SendError(error.code ?? error.message, state.connected));
        });
        outgoing.on('response', (response) => {
          const keep = upload.entryNames !== undefined || (response.statusCode ?? 0) >= 300;
          readAnswer(response, keep).then(resolve, (error: Error) =>
            reject(new SendError(error.message, true)),
          );
        });
        outgoing.end(upload.body);
      });
    },
    close: () => agent.destroy(),
  };
}

/** @throws SendError: without a token nothing is sent */
async function authorized(authorize: Authorize): Promise<string | undefined> {
  try {
    return await authorize();
  } catch (error) {
    throw new SendError(`no access token: ${(error as Error).message}`, false);
  }
}

function target(base: URL, path: string): URL {
  const url = new URL(base);
  if (path !== '') url.pathname = `${url.pathname}/${path}`;
  return url;
}

function watchConnection(outgoing: http.ClientRequest): { connected: boolean } {
  const state = { connected: false };
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) state.connected = true;
    else socket.once('connect', () => (state.connected = true));
  });
  return state;
}

async function readAnswer(response: http.IncomingMessage, keep: boolean): Promise<Answer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (keep && bytes <= ANSWER_BYTES_MAX) pieces.push(piece);
  }
  return {
    status: response.statusCode ?? 0,
    retryAfterMs: retryAfter(response.headers['retry-after'], Date.now()),
    body: Buffer.concat(pieces).toString(),
  };
}

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date. */
export function retryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
