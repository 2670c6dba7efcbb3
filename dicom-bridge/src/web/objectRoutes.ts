import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { isUid } from '../identifiers/uid.ts';
import { ObjectError } from '../objects/objectError.ts';
import { RenderError, RendererBusyError } from '../rendering/renderer.ts';
import { bulkStream } from '../retrieve/bulkStream.ts';
import { MemoryRoom } from '../retrieve/memoryRoom.ts';
import {
  ANY,
  NotAcceptableError,
  NotThereError,
  type Asking,
  type Frame,
  type Retrieval,
} from '../retrieve/retrieval.ts';
import { mediaTypeOf } from '../stored/transferSyntax.ts';
import { ApiError } from './apiError.ts';
import type { Route } from './internalApi.ts';
import { pictureWish, whole } from './pictureParameters.ts';

const PART = /^\/objects\/([0-9.]{1,64})\/(metadata|frames|bulk|rendered)(?:\/(.{1,600}))?$/;
const FRAME_MAX = 2 ** 31 - 1;
const FRAME_RULE = 'Frames are whole numbers from 1.';
const RETRY_AFTER_S = 5;

interface Asked {
  uid: string;
  /** Behind the part's name; empty where there is nothing. */
  rest: string;
  query: URLSearchParams;
  response: ServerResponse;
  /** Its signal is aborted when whoever asks has left. */
  asking: Asking;
}

type Answer = (retrieval: Retrieval, asked: Asked) => Promise<void>;

const ANSWERS: Readonly<Record<string, Answer>> = {
  metadata: async (retrieval, { uid, query, response, asking }) => {
    const tags = query.get('tags');
    const only = tags === null ? undefined : new Set(tags.split(','));
    send(response, 'application/dicom+json', await retrieval.metadata(uid, asking, only));
  },

  frames: async (retrieval, { uid, rest, query, response, asking }) => {
    const accepted = (query.get('accept') ?? ANY).split(',');
    const number = whole(rest, FRAME_MAX, FRAME_RULE);
    await retrieval.frame(uid, number, accepted, asking, (frame) => sendFrame(response, frame));
  },

  bulk: (retrieval, { uid, rest, response, asking }) =>
    retrieval.bulk(uid, rest, asking, async (value, source) => {
      const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': value.lengthBytes };
      response.writeHead(200, headers);
      await pipeline(bulkStream(source, value), response);
    }),

  rendered: async (retrieval, { uid, query, response, asking }) => {
    const number = whole(query.get('frame') ?? '1', FRAME_MAX, FRAME_RULE);
    const wish = pictureWish(query);
    send(response, wish.format, await retrieval.picture(uid, number, wish, asking));
  },
};

/**
 * Below `GET /objects/[SOP Instance UID]`: `/metadata?tags=`, `/frames/[number]?accept=`, `/bulk/[path]` and
 * `/rendered?frame=&window=&viewport=&format=&quality=`. 404 for what is not there, 400 for parameters that are none, 406 for forms that are not to
 * be had, 503 where archive or renderer cannot answer now.
 */
export function objectRoutes(retrieval: Retrieval, room = new MemoryRoom()): Route {
  return async (request, response) => {
    const [path = '', search] = (request.url ?? '').split('?', 2);
    const [, uid, part = '', rest = ''] = PART.exec(path) ?? [];
    const answer = ANSWERS[part];
    if (request.method !== 'GET' || uid === undefined || !isUid(uid) || !answer) return false;
    if (rest !== '' && part !== 'frames' && part !== 'bulk') return false;
    const query = new URLSearchParams(search);
    const lease = room.lease();
    const asking = { lease, signal: whenLeft(response) };
    const answering = answer(retrieval, { uid, rest, query, response, asking });
    void Promise.allSettled([answering, closed(response)]).then(lease.release); // an answer that was left may go on for a while
    await answering.catch(toApiError);
    return true;
  };
}

const closed = (response: ServerResponse): Promise<unknown> =>
  response.closed ? Promise.resolve() : new Promise((resolve) => response.once('close', resolve));

function whenLeft(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) left.abort(); // an abort costs as much as a small answer
  });
  return left.signal;
}

function send(response: ServerResponse, contentType: string, body: Uint8Array): void {
  response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': body.length }).end(body);
}

async function sendFrame(
  response: ServerResponse,
  { bytes, lengthBytes, transferSyntaxUid }: Frame,
): Promise<void> {
  const contentType = `${mediaTypeOf(transferSyntaxUid)}; transfer-syntax=${transferSyntaxUid}`;
  if (bytes instanceof Uint8Array) return send(response, contentType, bytes);
  response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': lengthBytes });
  await pipeline(bytes, response);
}

function toApiError(error: unknown): never {
  if (error instanceof NotThereError) throw new ApiError(404, error.message);
  if (error instanceof NotAcceptableError) throw new ApiError(406, error.message);
  if (error instanceof ObjectError || error instanceof RenderError)
    throw new ApiError(406, `The object cannot be shown. ${error.message}`);
  if (error instanceof RendererBusyError)
    throw new ApiError(503, error.message, { 'Retry-After': RETRY_AFTER_S });
  throw error;
}
