import { fhirError, type FhirError } from '../../fhir/outcome.ts';

/** One of the media types that a client takes (PS3.18 section 8.7.5). */
export interface Accepted {
  /** `multipart/related` was asked for; `mediaType` is that of its parts. */
  isMultipart: boolean;
  /** In lower case; may be a range. */
  mediaType: string;
  /** UID of a transfer syntax, or `*`; absent: the default of the media type. */
  transferSyntax?: string;
}

export const ANY = '*/*';
const MULTIPART = 'multipart/related';
/** Of a header, so that nobody is kept busy by one. */
const TYPES_MAX = 100;

/**
 * What a client takes, the best first; of those that it takes alike, in the order in which they stand. Nothing said: anything.
 *
 * @param query value of the parameter `accept`, which comes before the header (PS3.18 section 8.3.3.1)
 */
export function acceptedTypes(header: string | undefined, query: string | undefined): Accepted[] {
  const text = query === undefined || query === '' ? header : query;
  if (text === undefined || text.trim() === '') return [{ isMultipart: false, mediaType: ANY }];
  return splitOutsideQuotes(text, ',')
    .slice(0, TYPES_MAX)
    .map(readType)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ accepted }) => accepted);
}

function readType(text: string): { accepted: Accepted; quality: number } {
  const [type = '', ...parameters] = splitOutsideQuotes(text, ';').map((part) => part.trim());
  const given = new Map(parameters.map(readParameter));
  const isMultipart = type.toLowerCase() === MULTIPART;
  const mediaType = (isMultipart ? (given.get('type') ?? ANY) : type).toLowerCase();
  const transferSyntax = given.get('transfer-syntax');
  const quality = Number(given.get('q') ?? 1);
  return {
    accepted: { isMultipart, mediaType, ...(transferSyntax !== undefined && { transferSyntax }) },
    quality: Number.isNaN(quality) ? 1 : quality,
  };
}

function readParameter(text: string): [string, string] {
  const at = text.indexOf('=');
  const name = (at < 0 ? text : text.slice(0, at)).trim().toLowerCase();
  const value = at < 0 ? '' : text.slice(at + 1).trim();
  return [name, value.replace(/^"(.*)"$/s, '$1')];
}

/** At separators that do not stand in a quoted string. */
export function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts = [''];
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === separator && !isQuoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part.trim() !== '');
}

/** Whether a media type is in a range, such as that of all images. */
export function isInRange(mediaType: string, range: string): boolean {
  return (
    range === ANY || range === mediaType || (range.endsWith('/*') && mediaType.startsWith(range.slice(0, -1)))
  );
}

/**
 * The first media type of those that are offered which the client takes.
 *
 * @param offered the best first
 * @throws FhirError `not-acceptable`
 */
export function chosenType<T extends string>(accepted: readonly Accepted[], offered: readonly T[]): T {
  for (const { isMultipart, mediaType } of accepted) {
    const found = isMultipart ? undefined : offered.find((one) => isInRange(one, mediaType));
    if (found !== undefined) return found;
  }
  throw notAcceptable(offered.join(' or '));
}

export const notAcceptable = (offered: string): FhirError =>
  fhirError('not-acceptable', 'not-supported', `Nothing that you accept can be had here: accept ${offered}.`);

/** A media type that says its transfer syntax (PS3.18 section 8.7.3.5.2). */
export const withSyntax = (mediaType: string, uid: string | undefined): string =>
  uid === undefined ? mediaType : `${mediaType}; transfer-syntax=${uid}`;
