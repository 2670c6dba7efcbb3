import {
  Agent as PlainAgent,
  request as plainRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { BridgeError, bridgeAway, type BridgeFault } from './bridgeError.ts';

/** Where a bridge's internal API is, and what opens it. */
export interface BridgePlace {
  /** http or https; without a path. */
  url: string;
  secret: string;
}

/** A request to it. */
export interface BridgeRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** Begins with a slash, each part encoded. */
  path: string;
  query?: URLSearchParams;
  headers?: Readonly<Record<string, string>>;
  body?: Readable;
  /** Gives it up when it is aborted. */
  signal?: AbortSignal;
}

/** Without a byte while we wait for the bridge: the archive may have to fetch an object, and frames may have to be rendered. */
const SILENCE_MS_MAX = 60_000;
/** At a time; others wait for a free one. */
const CONNECTIONS_MAX = 256;
const TOO_LATE = 'The DICOM bridge does not answer in time.';
/** Of what a bridge says about a fault. */
const FAULT_BYTES_MAX = 4_096;
const FAULTS: Readonly<Record<number, BridgeFault>> = {
  400: 'incorrect',
  404: 'not-found',
  406: 'not-acceptable',
  413: 'too-large',
  415: 'unsupported',
  503: 'away',
};

/** Connections to a bridge, kept for the next request. */
export class BridgeConnections {
  readonly #plain = new PlainAgent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  readonly #secure = new SecureAgent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  readonly #silenceMsMax: number;

  constructor(silenceMsMax = SILENCE_MS_MAX) {
    this.#silenceMsMax = silenceMsMax;
  }

  /**
   * Asks the bridge. The answer is a stream that the caller reads or destroys; it fails where it ends before it is whole.
   *
   * @throws BridgeError; AbortError where the signal was aborted, unless it was by a timeout; what the body fails with
   */
  async ask(place: BridgePlace, asked: BridgeRequest): Promise<IncomingMessage> {
    const response = await this.#begin(place, asked);
    if (response.statusCode === 200) return response;
    throw await faultOf(response);
  }

  /** Ends those that are kept. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #begin(place: BridgePlace, asked: BridgeRequest): Promise<IncomingMessage> {
    const { method, path, query, headers, body, signal } = asked;
    const url = new URL(place.url);
    url.pathname = path;
    url.search = query?.toString() ?? '';
    const isSecure = url.protocol === 'https:';
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outbound = (isSecure ? secureRequest : plainRequest)(url, {
      method,
      agent: isSecure ? this.#secure : this.#plain,
      headers: { ...headers, Authorization: `Bearer ${place.secret}` },
      ...(signal && { signal }),
    });
    outbound.once('response', resolve);
    outbound.on('error', (error) => {
      const isStale = outbound.reusedSocket && codeOf(error) === 'ECONNRESET' && !body;
      if (isStale)
        resolve(this.#begin(place, asked)); // the bridge had closed it before it could be asked
      else reject(error === body?.errored ? error : asBridgeError(error));
    });
    endInSilence(outbound, body, this.#silenceMsMax);
    send(outbound, body);
    return promise;
  }
}

function send(outbound: ClientRequest, body: Readable | undefined): void {
  if (!body) {
    outbound.end();
    return;
  }
  body.once('error', (error) => outbound.destroy(error));
  body.pipe(outbound);
}

/** Only where we wait for the bridge: a slow reader of the answer, or a slow source of the body, has limits of its own. */
function endInSilence(outbound: ClientRequest, body: Readable | undefined, silenceMsMax: number): void {
  let response: IncomingMessage | undefined;
  let bytesBefore = -1;
  const look = (): void => {
    const { socket } = outbound;
    const bytes = socket === null ? 0 : socket.bytesRead + socket.bytesWritten;
    const isOurTurn = response
      ? response.readableLength > 0
      : body !== undefined && !body.readableEnded && !outbound.writableNeedDrain;
    if (bytes === bytesBefore && !isOurTurn)
      (response ?? outbound).destroy(bridgeAway('The DICOM bridge has fallen silent.'));
    bytesBefore = bytes;
  };
  const watch = setInterval(look, silenceMsMax);
  outbound.once('response', (begun) => (response = begun));
  outbound.once('close', () => clearInterval(watch));
}

async function faultOf(response: IncomingMessage): Promise<BridgeError> {
  const { statusCode = 0, headers } = response;
  const text = (await faultText(response)) || `The DICOM bridge answers with status ${statusCode}.`;
  const seconds = Number(headers['retry-after']);
  return new BridgeError(FAULTS[statusCode] ?? 'fault', text, seconds > 0 ? seconds : undefined);
}

/** The text of `{ "error": "text" }`; empty where it is something else. */
async function faultText(response: IncomingMessage): Promise<string> {
  try {
    const parsed = JSON.parse((await bytesOf(response, FAULT_BYTES_MAX)).toString('utf8')) as unknown;
    const { error } = parsed as { error?: unknown };
    return typeof error === 'string' ? error : '';
  } catch {
    return '';
  }
}

/** All of an answer. @throws BridgeError where it is longer than it may be, or ends too early */
export async function bytesOf(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > bytesMax)
        throw new BridgeError('too-costly', `The DICOM bridge answers more than ${bytesMax} bytes.`);
      pieces.push(piece);
    }
  } catch (error) {
    throw asBridgeError(error as Error);
  }
  return Buffer.concat(pieces);
}

function asBridgeError(error: Error): Error {
  if (error instanceof BridgeError) return error;
  if (error.name === 'AbortError') return isTimeout(error.cause) ? bridgeAway(TOO_LATE) : error;
  return bridgeAway(`The connection to the DICOM bridge failed (${codeOf(error) ?? 'unknown'}).`);
}

const isTimeout = (reason: unknown): boolean => (reason as Error | undefined)?.name === 'TimeoutError';
const codeOf = (error: Error): string | undefined => (error as NodeJS.ErrnoException).code;
