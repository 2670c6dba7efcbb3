import type { IncomingMessage } from 'node:http';
import { ServerAwayError } from '../fhir/fhirServer.ts';
import { isUid } from '../identifiers/uid.ts';
import { isAeTitle } from '../peers/peer.ts';
import { PictureError } from '../pictures/pictureError.ts';
import type { PictureStore, SentPicture } from '../pictures/pictureStore.ts';
import { RendererBusyError } from '../rendering/renderer.ts';
import { ApiError } from './apiError.ts';
import type { Route } from './internalApi.ts';

/** Of one picture: it is read whole, to be decoded. */
const PICTURE_BYTES_MAX = 64 * 2 ** 20;
/** Of pictures that are read at a time. */
const PICTURES_AT_ONCE_MAX = 4;
const RETRY_AFTER_S = 5;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const MODALITY = /^[A-Z]{2,16}$/;
const NUMBER = /^[1-9][0-9]{0,5}$/;

/**
 * `POST /pictures?patient=&study=&modality=&number=&order=`: a JPEG or PNG file becomes an object of a patient and is received as others are. `patient` and `order` are ids
 * of resources; the header X-Source says whom it comes from.
 */
export function pictureRoute(pictures: PictureStore): Route {
  let reading = 0;
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bridge');
    if (request.method !== 'POST' || pathname !== '/pictures') return false;
    const sent = sentPicture(searchParams, request.headers['x-source']);
    if (reading >= PICTURES_AT_ONCE_MAX) throw busy('The bridge reads other pictures now: send it again.');
    reading += 1;
    try {
      const answer = await pictures.store(await whole(request), sent);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    } catch (error) {
      throw apiError(error);
    } finally {
      reading -= 1;
    }
    return true;
  };
}

/** @throws ApiError */
function sentPicture(query: URLSearchParams, source: unknown): SentPicture {
  if (typeof source !== 'string' || !isAeTitle(source))
    throw new ApiError(400, 'The header X-Source is no AE title.');
  const study = query.get('study') ?? '';
  if (!isUid(study)) throw new ApiError(400, 'The parameter study is no UID.');
  const order = query.get('order');
  return {
    patient: matching(query, 'patient', ID),
    ...(order !== null && { order: matching(query, 'order', ID) }),
    studyInstanceUid: study,
    modality: matching(query, 'modality', MODALITY),
    number: Number(matching(query, 'number', NUMBER)),
    sourceAeTitle: source,
  };
}

function matching(query: URLSearchParams, name: string, form: RegExp): string {
  const value = query.get(name) ?? '';
  if (form.test(value)) return value;
  throw new ApiError(400, `The parameter ${name} is missing or has not the form that it must have.`);
}

async function whole(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > PICTURE_BYTES_MAX) throw new ApiError(413, 'The picture is larger than 64 MiB.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function apiError(error: unknown): unknown {
  if (error instanceof PictureError) return new ApiError(400, error.message);
  if (error instanceof RendererBusyError || error instanceof ServerAwayError)
    return busy('The picture cannot be stored now: send it again.');
  return error;
}

const busy = (text: string): ApiError => new ApiError(503, text, { 'Retry-After': RETRY_AFTER_S });
