import type { IncomingHttpHeaders } from 'node:http';
import { isUid } from '../identifiers/uid.ts';
import { isAeTitle } from '../peers/peer.ts';
import type { PictureStore, SentPicture } from '../pictures/pictureStore.ts';
import { ApiError } from './apiError.ts';
import { creationRoute, requiredId, requiredValue } from './creationRoute.ts';
import type { Route } from './internalApi.ts';

/** Of one picture: it is read whole, to be decoded. */
const PICTURE_BYTES_MAX = 64 * 2 ** 20;
const MODALITY = /^[A-Z]{2,16}$/;
const NUMBER = /^[1-9][0-9]{0,5}$/;

/**
 * `POST /pictures?patient=&study=&modality=&number=&order=`: a JPEG or PNG file becomes an object of a patient and is received as others are. `patient` and `order` are ids
 * of resources; the header X-Source says whom it comes from.
 */
export const pictureRoute = (pictures: PictureStore): Route =>
  creationRoute({
    path: '/pictures',
    what: 'picture',
    bytesMax: PICTURE_BYTES_MAX,
    sentOf: sentPicture,
    store: (file, sent) => pictures.store(file, sent),
  });

/** @throws ApiError */
function sentPicture(query: URLSearchParams, { 'x-source': source }: IncomingHttpHeaders): SentPicture {
  if (typeof source !== 'string' || !isAeTitle(source))
    throw new ApiError(400, 'The header X-Source is no AE title.');
  const study = query.get('study') ?? '';
  if (!isUid(study)) throw new ApiError(400, 'The parameter study is no UID.');
  return {
    patient: requiredId(query, 'patient'),
    ...(query.has('order') && { order: requiredId(query, 'order') }),
    studyInstanceUid: study,
    modality: requiredValue(query, 'modality', MODALITY),
    number: Number(requiredValue(query, 'number', NUMBER)),
    sourceAeTitle: source,
  };
}
