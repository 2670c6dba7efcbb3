import { fhirError } from '../../fhir/outcome.ts';
import { isPretty } from './query.ts';

/** A format that this server answers in. */
export type Format = 'json' | 'xml' | 'ndjson';

/** How the client wants its answer written. */
export interface AnswerForm {
  format: Format;
  /** Indented, for people. */
  pretty: boolean;
}

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';
export const FHIR_XML = 'application/fhir+xml; charset=utf-8';
export const FHIR_NDJSON = 'application/fhir+ndjson; charset=utf-8';

/** How the formats are called in Accept, Content-Type and `_format` (http://hl7.org/fhir/R4/http.html#mime-type). */
const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['application/fhir+json', 'json'],
  ['application/json', 'json'],
  ['text/json', 'json'],
  ['application/json+fhir', 'json'], // before STU3
  ['json', 'json'],
  ['application/fhir+xml', 'xml'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['application/xml+fhir', 'xml'],
  ['xml', 'xml'],
  ['application/fhir+ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/x-ndjson', 'ndjson'],
  ['ndjson', 'ndjson'],
]);
/** They mean FHIR's own formats; a list in lines must be asked for by its name. */
const WILDCARDS = new Set(['application/*', 'text/*']);

/** Values of Accept that wish for nothing. */
const INDIFFERENT = new Set(['', '*/*']);

/** Names of the parameters that {@link answerForm} reads. */
export const FORM_PARAMETERS: ReadonlySet<string> = new Set(['_format', '_pretty']);

/** Formats of an answer that is one resource, in the order in which they are preferred. */
const OFFERS: readonly Format[] = ['json', 'xml'];
/** Those of an answer that is a list. */
const LIST_OFFERS: readonly Format[] = ['json', 'xml', 'ndjson'];

/** The format with this media type, or this value of `_format`. */
export function formatOf(mediaType: string): Format | undefined {
  return FORMATS.get(mediaType);
}

/** True if the media type is FHIR's or plain JSON. */
export function isJson(mediaType: string): boolean {
  return formatOf(mediaType) === 'json';
}

/** The media type of a header value without its parameters, in lower case. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** The headers of a request that its answer's format depends on. */
export interface FormHeaders {
  accept?: string | undefined;
  'content-type'?: string | undefined;
}

/**
 * How the answer is to be written: `_format` wins over Accept, of two that are accepted alike JSON. Who sends FHIR's XML and
 * wishes for nothing gets XML.
 *
 * @param query pairs of the URL, or of a form @param isList whether the answer is a list of resources
 * @throws FhirError `not-acceptable` when the client takes nothing that can be written
 */
export function answerForm(
  headers: FormHeaders,
  query: readonly (readonly [string, string])[],
  isList: boolean,
): AnswerForm {
  const offers = isList ? LIST_OFFERS : OFFERS;
  const named = query.find(([name]) => name === '_format')?.[1];
  const format = named === undefined ? acceptedFormat(headers, offers) : namedFormat(named);
  if (format === undefined || !offers.includes(format)) throw notAcceptable();
  return { format, pretty: isPretty(query) };
}

/** The plus of `fhir+json` is a blank in a query where it is not encoded. */
const namedFormat = (value: string) =>
  isOfR4(value) ? formatOf(mediaTypeOf(value.replaceAll(' ', '+'))) : undefined;

const VERSION_PARAMETER = /;\s*fhirVersion\s*=\s*"?([^",;\s]*)/i;
const R4: ReadonlySet<string> = new Set(['4.0', '4.0.1']);

/** Whether a media type means R4, or no version of FHIR (http://hl7.org/fhir/R4/http.html#version-parameter). */
function isOfR4(mediaType: string): boolean {
  const version = VERSION_PARAMETER.exec(mediaType)?.[1];
  return version === undefined || R4.has(version);
}

interface MediaRange {
  type: string;
  quality: number;
}

/** The format that the client likes best (RFC 9110 12.5.1). */
function acceptedFormat(headers: FormHeaders, offers: readonly Format[]): Format | undefined {
  const { accept = '', 'content-type': sent } = headers;
  if (INDIFFERENT.has(accept)) return sent !== undefined && isFhirXml(sent) ? 'xml' : 'json';
  if (formatOf(accept) === 'json') return 'json';
  const ranges = accept.split(',').filter(isOfR4).map(mediaRange);
  let best: Format | undefined;
  let bestQuality = 0;
  for (const format of offers) {
    const quality = qualityOf(format, ranges);
    if (quality > bestQuality) [best, bestQuality] = [format, quality];
  }
  return best;
}

function mediaRange(text: string): MediaRange {
  const quality = /;\s*q=([01](?:\.\d{0,3})?)\s*(?:;|$)/i.exec(text)?.[1];
  return { type: mediaTypeOf(text), quality: quality === undefined ? 1 : Number(quality) };
}

/** What names a format says more of it than a wildcard, and that more than a wilder one. */
function qualityOf(format: Format, ranges: readonly MediaRange[]): number {
  const named = ranges.filter(({ type }) => formatOf(type) === format);
  if (named.length > 0) return highest(named);
  if (format === 'ndjson') return 0;
  const wild = ranges.filter(({ type }) => WILDCARDS.has(type));
  return highest(wild.length > 0 ? wild : ranges.filter(({ type }) => type === '*/*'));
}

const highest = (ranges: readonly MediaRange[]) => Math.max(0, ...ranges.map(({ quality }) => quality));

/** How well a client likes those media ranges of Accept that are `meant` (RFC 9110 12.5.1), from 0 to 1; 0: not at all. */
export const acceptedQuality = (accept: string, meant: (type: string) => boolean): number =>
  highest(
    accept
      .split(',')
      .map(mediaRange)
      .filter(({ type }) => meant(type)),
  );

/** True for FHIR's own XML; plain XML may be anything. */
export function isFhirXml(contentType: string): boolean {
  return mediaTypeOf(contentType) === 'application/fhir+xml';
}

/** Whether a Content-Type says that the text is in UTF-8, or nothing of it. */
export function isUtf8Text(contentType: string | undefined): boolean {
  const charset = /charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  return charset === 'utf-8' || charset === 'utf8';
}

/** @throws FhirError `unsupported-media-type` unless the body is a resource of R4 in JSON or XML, in UTF-8 */
export function bodyFormat(contentType = ''): 'json' | 'xml' {
  if (!isOfR4(contentType)) throw otherVersion();
  const format = formatOf(mediaTypeOf(contentType));
  if (isUtf8Text(contentType) && (format === 'json' || format === 'xml')) return format;
  throw fhirError(
    'unsupported-media-type',
    'not-supported',
    'Send the resource as application/fhir+json or application/fhir+xml in UTF-8, and say so in Content-Type.',
  );
}

const otherVersion = () =>
  fhirError(
    'unsupported-media-type',
    'not-supported',
    'This server is one of FHIR R4: send resources of R4, with fhirVersion=4.0 or without it.',
  );

/** The error that a client wants what there is not. */
export function notAcceptable() {
  return fhirError(
    'not-acceptable',
    'not-supported',
    'This server answers in application/fhir+json and application/fhir+xml, and gives lists of resources also in application/fhir+ndjson: accept one of them, with fhirVersion=4.0 or without, or leave Accept and _format out.',
  );
}
