import { lookup, type LookupAddress } from 'node:dns';
import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { hostOf, type Destinations } from './destinations.ts';

/** Something to send. */
export interface Outgoing {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** For all of it: name, connection, request and answer. */
  timeoutMs: number;
  /** Gives it up when it is aborted. */
  signal?: AbortSignal;
  /** Longest answer that is taken; absent: none of it is looked at. */
  answerBytesMax?: number;
}

/** What was answered. */
export interface Answer {
  status: number;
  /** Content-Type; empty where it says none. */
  contentType: string;
  headers: [name: string, value: string][];
  /** Empty where nothing was asked for. */
  body: Buffer;
}

/** It was not answered; the message says why, without anything that was sent. */
export class SendError extends Error {
  /** Whether the address is not allowed: no later attempt will be, unless the name leads elsewhere. */
  readonly isRefused: boolean;

  constructor(message: string, isRefused = false) {
    super(message);
    this.name = 'SendError';
    this.isRefused = isRefused;
  }
}

/** Sends a request to where it may go. @returns the status @throws SendError */
export async function send(outgoing: Outgoing, destinations: Destinations): Promise<number> {
  return (await exchange(outgoing, destinations)).status;
}

/**
 * Sends a request to where it may go. The connection is made to the very address that was judged, whatever the name leads to a moment
 * later; redirects are not followed.
 *
 * @throws SendError
 */
export async function exchange(outgoing: Outgoing, destinations: Destinations): Promise<Answer> {
  const fault = destinations.urlFault(outgoing.url);
  if (fault !== undefined) throw new SendError(fault, true);
  const url = new URL(outgoing.url);
  const request = url.protocol === 'https:' ? secureRequest : plainRequest;
  const body = Buffer.from(outgoing.body);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outbound = begun(() =>
    request(url, {
      method: outgoing.method,
      // Of its own: a kept connection would not be judged again.
      agent: false,
      headers: { ...outgoing.headers, 'Content-Length': String(body.length) },
      ...(isIP(hostOf(url)) === 0 && { lookup: guardedLookup(url, destinations) }),
    }),
  );
  const timer = setTimeout(
    () => outbound.destroy(new SendError(`no answer within ${outgoing.timeoutMs} ms`)),
    outgoing.timeoutMs,
  );
  const { signal } = outgoing;
  const giveUp = () => outbound.destroy(new SendError('given up'));
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp);
  outbound.on('response', (response) =>
    answerOf(response, outgoing.answerBytesMax)
      .then(resolve, (error: Error) => reject(asSendError(error)))
      .finally(() => response.destroy()),
  );
  outbound.on('error', (error) => reject(asSendError(error)));
  refuseOtherProtocols(outbound, reject);
  refuseEndlessInterims(outbound);
  outbound.end(body);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** Node refuses at once what cannot be written as a request. @throws SendError */
function begun(begin: () => ClientRequest): ClientRequest {
  try {
    return begin();
  } catch (error) {
    if ((error as Error).name !== 'TypeError') throw error;
    throw new SendError('its method or a header of it has characters that cannot be sent');
  }
}

/**
 * Where another protocol begins (RFC 9110 15.2.2: 101; 9.3.6: CONNECT) there is no answer. Without a listener Node drops such a connection and says so to nobody: then
 * nothing would ever end the wait, not even the timer.
 */
function refuseOtherProtocols(outbound: ClientRequest, reject: (error: SendError) => void): void {
  for (const event of ['upgrade', 'connect'] as const)
    outbound.once(event, (_response: IncomingMessage, socket: Duplex) => {
      socket.destroy();
      reject(new SendError('it changes to another protocol instead of an answer'));
    });
}

/** Interim answers (RFC 9110 15.2: 100, 103 and the like) of one request. */
const INTERIMS_MAX = 32;

/** Whoever sends nothing else would keep us reading until the time is over. */
function refuseEndlessInterims(outbound: ClientRequest): void {
  let interims = 0;
  const count = (): void => {
    interims += 1;
    if (interims > INTERIMS_MAX)
      outbound.destroy(new SendError(`more than ${INTERIMS_MAX} interim answers come before one`));
  };
  outbound.on('continue', count);
  outbound.on('information', count);
}

async function answerOf(response: IncomingMessage, bytesMax: number | undefined): Promise<Answer> {
  const pieces: Buffer[] = [];
  if (bytesMax !== undefined) {
    let bytes = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > bytesMax) throw new SendError(`the answer has more than ${bytesMax} bytes`);
      pieces.push(piece);
    }
  }
  const contentType = response.headers['content-type'] ?? '';
  const headers = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return { status: response.statusCode!, contentType, headers, body: Buffer.concat(pieces) };
}

/** Leads only to addresses that may be sent to. */
function guardedLookup(url: URL, destinations: Destinations): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const fit = addresses.filter(({ address }) => destinations.addressFault(url, address) === undefined);
      if (fit.length === 0) return callback(refused(url, destinations, addresses), []);
      if (options.all === true) return callback(null, fit);
      callback(null, fit[0]!.address, fit[0]!.family);
    });
  };
}

function refused(url: URL, destinations: Destinations, addresses: LookupAddress[]): SendError {
  const first = addresses[0]?.address;
  const fault = first === undefined ? 'Its name leads nowhere.' : destinations.addressFault(url, first);
  return new SendError(fault!, true);
}

function asSendError(error: Error): SendError {
  if (error instanceof SendError) return error;
  return new SendError(`the connection failed (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
}
