import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { fhirError } from '../../fhir/outcome.ts';
import { parseQuery } from './query.ts';

/** Criteria as they may be written, with or without the type that they are of. */
const TYPED = /^([A-Za-z]*)\?/;

/**
 * The query pairs of `If-None-Exist` or `ifNoneExist` (http://hl7.org/fhir/R4/http.html#ccreate).
 *
 * @param expression where they stand
 * @throws FhirError `incorrect` when they are of another type
 */
export function ifNoneExistPairs(text: string, type: string, expression?: string): [string, string][] {
  const query = text.trim();
  const [prefix, named] = TYPED.exec(query) ?? ['', ''];
  if (named === '' || named === type) return parseQuery(query.slice(prefix.length));
  const fault = `The criteria are of the type ${named}, but a ${type} is to be created.`;
  throw fhirError('incorrect', 'invalid', fault, expression);
}

/**
 * The criteria of the header `If-None-Exist`. Node reads headers as Latin-1, and clients send letters beyond ASCII as UTF-8: taken as they
 * come, they would find nothing, and each repetition would create another resource.
 *
 * @throws FhirError `incorrect` when it stands twice, or is not in UTF-8
 */
export function ifNoneExistHeader({ headersDistinct }: IncomingMessage): string {
  const [text = '', ...others] = headersDistinct['if-none-exist'] ?? [];
  if (others.length > 0)
    throw fhirError('incorrect', 'invalid', 'If-None-Exist stands more than once: join its criteria by &.');
  const bytes = Buffer.from(text, 'latin1');
  if (isUtf8(bytes)) return bytes.toString();
  const fault = 'The criteria in If-None-Exist are not in UTF-8: percent-encode what is beyond ASCII.';
  throw fhirError('incorrect', 'value', fault);
}
