import { fhirError } from '../../fhir/outcome.ts';
import { requireMayStore } from '../../imaging/permissions.ts';
import { UPLOAD_BYTES_MAX, type UploadFiles, type UploadState } from '../../imaging/upload/uploadFiles.ts';
import { bodyStream, discardBody } from '../../rest/http/body.ts';
import { outcomeText } from '../../rest/http/errors.ts';
import { STATUS_OF } from '../../rest/http/status.ts';
import type { FhirResponse } from '../../rest/http/types.ts';
import type { DicomwebParts, DicomwebRequest } from './request.ts';

/** A request of the protocol tus (https://tus.io/protocols/resumable-upload). */
export interface UploadRoute {
  kind: 'upload';
  method: 'POST' | 'HEAD' | 'PATCH' | 'DELETE';
  /** Absent for POST. */
  id?: string;
}

const VERSION = '1.0.0';
const PIECE = 'application/offset+octet-stream';
const COUNT = /^(?:0|[1-9][0-9]{0,14})$/;

/** Of every answer of the protocol, whatever it says. */
export const TUS_HEADERS: Readonly<Record<string, string>> = { 'Tus-Resumable': VERSION };
/** What OPTIONS tells of it. */
export const TUS_OPTIONS: Readonly<Record<string, string>> = {
  ...TUS_HEADERS,
  'Tus-Version': VERSION,
  'Tus-Extension': 'creation,expiration,termination',
  'Tus-Max-Size': String(UPLOAD_BYTES_MAX),
};

/** The method that is meant: where proxies let no PATCH pass, clients write it beside a POST (tus 1.0, "X-HTTP-Method-Override"). */
export function methodOfUpload({ method = 'GET', headers }: DicomwebRequest['raw']): string {
  const meant = headers['x-http-method-override'];
  return method === 'POST' && typeof meant === 'string' ? meant.toUpperCase() : method;
}

/**
 * A file that comes in pieces, over a link that breaks: made by POST, asked for by HEAD, continued by PATCH, given up by DELETE. When it is whole,
 * `ImagingStudy/$upload` takes its URL.
 *
 * @throws FhirError for what tus has statuses for: 404, 409, 413, 415
 */
export async function uploadInteraction(
  parts: DicomwebParts,
  request: DicomwebRequest,
  { method, id = '' }: UploadRoute,
): Promise<FhirResponse> {
  const { raw, caller } = request;
  requireMayStore(parts.records, caller);
  const files = filesOf(parts);
  if (raw.headers['tus-resumable'] !== VERSION) return otherVersion();
  switch (method) {
    case 'POST': {
      const length = count(request, 'upload-length');
      await discardBody(raw);
      const state = await files.create(caller.id, length);
      return answer(201, state, { Location: `${parts.service}/uploads/${state.id}` });
    }
    case 'HEAD':
      return answer(200, await files.find(caller.id, id));
    case 'PATCH': {
      if (raw.headers['content-type'] !== PIECE) throw otherType();
      const offset = count(request, 'upload-offset');
      return answer(204, await files.append(caller.id, id, offset, bodyStream(raw)));
    }
    case 'DELETE':
      await files.remove(caller.id, id);
      return { status: 204 };
  }
}

function answer(status: number, state: UploadState, more: Record<string, string> = {}): FhirResponse {
  return {
    status,
    headers: {
      'Upload-Offset': String(state.offset),
      'Upload-Length': String(state.length),
      'Upload-Expires': new Date(state.expiresAtMs).toUTCString(),
      ...more,
    },
  };
}

/** @throws FhirError `not-implemented` */
function filesOf({ uploads }: DicomwebParts): UploadFiles {
  if (uploads) return uploads;
  throw fhirError(
    'not-implemented',
    'not-supported',
    'This store has no DICOM bridge, so it takes no images.',
  );
}

/** @throws FhirError `incorrect` */
function count({ raw }: DicomwebRequest, header: 'upload-length' | 'upload-offset'): number {
  const value = raw.headers[header];
  if (typeof value === 'string' && COUNT.test(value)) return Number(value);
  throw fhirError('incorrect', 'required', `The header ${header} says a number of bytes.`);
}

/** Which has to say what is spoken here (tus 1.0, "Tus-Version"). */
function otherVersion(): FhirResponse {
  const text = `Say Tus-Resumable: ${VERSION}, which is the version that is spoken here.`;
  const refused = fhirError('precondition-failed', 'not-supported', text);
  return {
    status: STATUS_OF[refused.category],
    headers: { 'Tus-Version': VERSION },
    body: outcomeText(refused.issues),
  };
}

const otherType = () => fhirError('unsupported-media-type', 'not-supported', `Send pieces as ${PIECE}.`);
