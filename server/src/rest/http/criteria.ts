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
