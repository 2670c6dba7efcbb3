import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { isUid } from '../identifiers/uid.ts';
import { ObjectError } from '../objects/objectError.ts';
import { RenderError, RendererBusyError } from '../rendering/renderer.ts';
import { bulkStream } from '../retrieve/bulkStream.ts';
import { ANY, NotAcceptableError, NotThereError, type Retrieval } from '../retrieve/retrieval.ts';
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
  /** Aborted when whoever asks has left. */
  signal: AbortSignal;
}

type Answer = (retrieval: Retrieval, asked: Asked) => Promise<void>;

const ANSWERS: Readonly<Record<string, Answer>> = {
  metadata: async (retrieval, { uid, response }) =>
    send(response, 'application/dicom+json', await retrieval.metadata(uid)),

  frames: async (retrieval, { uid, rest, query, response, signal }) => {
    const accepted = (query.get('accept') ?? ANY).split(',');
    const number = whole(rest, FRAME_MAX, FRAME_RULE);
    const { bytes, transferSyntaxUid } = await retrieval.frame(uid, number, accepted, signal);
    send(response, `${mediaTypeOf(transferSyntaxUid)}; transfer-syntax=${transferSyntaxUid}`, bytes);
  },

  bulk: (retrieval, { uid, rest, response }) =>
    retrieval.bulk(uid, rest, async (value, source) => {
      const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': value.lengthBytes };
      response.writeHead(200, headers);
      await pipeline(bulkStream(source, value), response);
    }),

  rendered: async (retrieval, { uid, query, response, signal }) => {
    const number = whole(query.get('frame') ?? '1', FRAME_MAX, FRAME_RULE);
    const wish = pictureWish(query);
    send(response, wish.format, await retrieval.picture(uid, number, wish, signal));
  },
};

/**
 * Below `GET /objects/[SOP Instance UID]`: `/metadata`, `/frames/[number]?accept=`, `/bulk/[path]` and
 * `/rendered?frame=&window=&viewport=&format=&quality=`. 404 for what is not there, 400 for parameters that are none, 406 for forms that are not to
 * be had, 503 where archive or renderer cannot answer now.
 */
export function objectRoutes(retrieval: Retrieval): Route {
  return async (request, response) => {
    const [path = '', search] = (request.url ?? '').split('?', 2);
    const [, uid, part = '', rest = ''] = PART.exec(path) ?? [];
    const answer = ANSWERS[part];
    if (request.method !== 'GET' || uid === undefined || !isUid(uid) || !answer) return false;
    if (rest !== '' && part !== 'frames' && part !== 'bulk') return false;
    const signal = whenLeft(response);
    const query = new URLSearchParams(search);
    await answer(retrieval, { uid, rest, query, response, signal }).catch(toApiError);
    return true;
  };
}

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

function toApiError(error: unknown): never {
  if (error instanceof NotThereError) throw new ApiError(404, error.message);
  if (error instanceof NotAcceptableError) throw new ApiError(406, error.message);
  if (error instanceof ObjectError || error instanceof RenderError)
    throw new ApiError(406, `The object cannot be shown. ${error.message}`);
  if (error instanceof RendererBusyError)
    throw new ApiError(503, error.message, { 'Retry-After': RETRY_AFTER_S });
  throw error;
}
