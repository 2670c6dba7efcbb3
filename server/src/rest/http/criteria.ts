import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { fhirError, type IssueCode } from '../../fhir/outcome.ts';
import { parseQuery } from './query.ts';

/** Criteria as they may be written, with or without the type that they are of. */
const TYPED = /^\/?([A-Za-z]*)\?/;
const ORIGIN = /^https?:\/\/[^/?#]*/i;
/** What is an address, and no query. */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/|\/)/i;

/** Where the header stands (http://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.location). */
const IF_NONE_EXIST = 'http.If-None-Exist';

export interface IfNoneExist {
  text: string;
  /** What is to be created. */
  type: string;
  /** Absolute URL of the FHIR base: clients of HAPI write the whole URL of the search. */
  base: string;
  /** Where it stands in a bundle; absent: in the header. */
  expression?: string;
}

/**
 * The query pairs of `If-None-Exist` or `ifNoneExist` (http://hl7.org/fhir/R4/http.html#ccreate).
 *
 * @throws FhirError `incorrect` when they are of another type or server
 */
export function ifNoneExistPairs({
  text,
  type,
  base,
  expression = IF_NONE_EXIST,
}: IfNoneExist): [string, string][] {
  const query = belowBase(text.trim(), base);
  const [prefix, named] = TYPED.exec(query) ?? ['', ''];
  if (prefix === '' && ADDRESS.test(query)) throw notOurs(type, expression);
  if (named === '' || named === type) return parseQuery(query.slice(prefix.length));
  const fault = `The criteria are of the type ${named}, but a ${type} is to be created.`;
  throw fhirError('incorrect', 'invalid', fault, expression);
}

/** A search URL without the address of this server, by whatever name of the host the client knows it. */
function belowBase(text: string, base: string): string {
  const path = text.replace(ORIGIN, '');
  const own = `${base.replace(ORIGIN, '')}/`;
  return path.startsWith(own) ? path.slice(own.length) : text;
}

function notOurs(type: string, expression: string) {
  const text = `The criteria are no query of this server: write them as ${type}?identifier=system|value, or without the type.`;
  return fhirError('incorrect', 'invalid', text, expression);
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
    throw fault('invalid', 'If-None-Exist stands more than once: join its criteria by &.');
  const bytes = Buffer.from(text, 'latin1');
  if (isUtf8(bytes)) return bytes.toString();
  throw fault(
    'value',
    'The criteria in If-None-Exist are not in UTF-8: percent-encode what is beyond ASCII.',
  );
}

const fault = (code: IssueCode, text: string) => fhirError('incorrect', code, text, IF_NONE_EXIST);
