import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { CreationError } from '../creation/creationError.ts';
import { ServerAwayError } from '../fhir/fhirServer.ts';
import { RendererBusyError } from '../rendering/renderer.ts';
import { ApiError } from './apiError.ts';
import type { Route } from './internalApi.ts';

/** How objects are made of files of one kind. */
export interface Creation<Sent> {
  /** As in `/pictures`. */
  path: string;
  /** One of them is called so, as in `picture`. */
  what: string;
  /** Of one file: it is read whole. */
  bytesMax: number;
  /** What the request says of the file. @throws ApiError 400 */
  sentOf: (query: URLSearchParams, headers: IncomingHttpHeaders) => Sent;
  /** @throws CreationError, ServerAwayError, RendererBusyError */
  store: (file: Buffer, sent: Sent) => Promise<object>;
}

/** Of files that are read at a time, by each route. */
const AT_ONCE_MAX = 4;
const RETRY_AFTER_S = 5;
const MEBIBYTE = 2 ** 20;
/** Ids of resources. */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** `POST [path]` with a file as its body: it becomes an object, and is received as others are. Answers what became of it, as JSON. */
export function creationRoute<Sent>({ path, what, bytesMax, sentOf, store }: Creation<Sent>): Route {
  let reading = 0;
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bridge');
    if (request.method !== 'POST' || pathname !== path) return false;
    const sent = sentOf(searchParams, request.headers);
    if (reading >= AT_ONCE_MAX) throw busy(`The bridge reads other ${what}s now: send it again.`);
    reading += 1;
    try {
      const answer = await store(await whole(request, bytesMax, what), sent);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    } catch (error) {
      throw apiError(error, what);
    } finally {
      reading -= 1;
    }
    return true;
  };
}

/** @throws ApiError 400 where it is missing, or has another form */
export function requiredValue(query: URLSearchParams, name: string, form: RegExp): string {
  const value = query.get(name) ?? '';
  if (form.test(value)) return value;
  throw new ApiError(400, `The parameter ${name} is missing or has not the form that it must have.`);
}

/** Id of a resource. @throws ApiError 400 */
export const requiredId = (query: URLSearchParams, name: string): string => requiredValue(query, name, ID);

async function whole(request: IncomingMessage, bytesMax: number, what: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new ApiError(413, `The ${what} is larger than ${bytesMax / MEBIBYTE} MiB.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function apiError(error: unknown, what: string): unknown {
  if (error instanceof CreationError) return new ApiError(400, error.message);
  if (error instanceof RendererBusyError || error instanceof ServerAwayError)
    return busy(`The ${what} cannot be stored now: send it again.`);
  return error;
}

const busy = (text: string): ApiError => new ApiError(503, text, { 'Retry-After': RETRY_AFTER_S });
