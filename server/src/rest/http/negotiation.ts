import { fhirError } from '../../fhir/outcome.ts';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';

const JSON_TYPES = new Set(['application/fhir+json', 'application/json', 'text/json', 'json']);
const WILDCARDS = new Set(['*/*', 'application/*', 'text/*']);

/** True if the media type is FHIR's or plain JSON. */
export function isJson(mediaType: string): boolean {
  return JSON_TYPES.has(mediaType);
}

/** The media type of a header value without its parameters, in lower case. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/**
 * Checks that the client takes JSON, the format that this server writes (http.html#mime-type): `_format` wins over Accept.
 *
 * @throws FhirError `not-acceptable`
 */
export function requireJsonAccepted(accept: string | undefined, format: string | undefined): void {
  if (format !== undefined) {
    if (!isJson(mediaTypeOf(format.replaceAll(' ', '+')))) throw notAcceptable();
    return;
  }
  if (accept === undefined || accept === '' || accept === '*/*') return;
  const acceptable = accept.split(',').some((range) => {
    const type = mediaTypeOf(range);
    const refused = /;\s*q=0(\.0*)?\s*(;|$)/.test(range);
    return !refused && (WILDCARDS.has(type) || isJson(type));
  });
  if (!acceptable) throw notAcceptable();
}

/** @throws FhirError `unsupported-media-type` unless the body is JSON in UTF-8 */
export function requireJsonContent(contentType: string | undefined): void {
  const charset = /charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (isJson(mediaTypeOf(contentType)) && (charset === 'utf-8' || charset === 'utf8')) return;
  throw fhirError(
    'unsupported-media-type',
    'not-supported',
    'Send the resource as application/fhir+json in UTF-8, and say so in Content-Type.',
  );
}

const notAcceptable = () =>
  fhirError(
    'not-acceptable',
    'not-supported',
    'This server answers in application/fhir+json: accept that, or leave Accept and _format out.',
  );
