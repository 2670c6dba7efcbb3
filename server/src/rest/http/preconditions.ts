import type { IncomingHttpHeaders } from 'node:http';
import { fhirError } from '../../fhir/outcome.ts';
import { FORM_PARAMETERS } from './negotiation.ts';
import type { FhirRequest } from './types.ts';

/**
 * Preconditions of writes (http://hl7.org/fhir/R4/http.html#concurrency, #ccreate, RFC 9110 13.1). If-Modified-Since is not among them: but
 * for reads it is to be ignored (RFC 9110 13.1.3).
 */
const PRECONDITIONS = ['If-Match', 'If-None-Match', 'If-Unmodified-Since', 'If-None-Exist'] as const;
export type Precondition = (typeof PRECONDITIONS)[number];

const HEADERS = PRECONDITIONS.map((name) => [name, name.toLowerCase()] as const);

/**
 * Refuses preconditions that a request has no use for: what is passed over would let through what it was to stop.
 *
 * @throws FhirError `unprocessable`
 */
export function refuseOtherPreconditions(headers: IncomingHttpHeaders, used: readonly Precondition[]): void {
  for (const [name, header] of HEADERS)
    if (headers[header] !== undefined && !used.includes(name)) throw withoutMeaning(name);
}

function withoutMeaning(name: Precondition) {
  const instead = name === 'If-Unmodified-Since' ? 'say If-Match with the version instead' : 'leave it out';
  const text = `${name} has no meaning for this request: ${instead}. Nothing was changed.`;
  return fhirError('unprocessable', 'not-supported', text, `http.${name}`);
}

/** Shown only where it can be the name of a parameter: anything else may be content that lost its way. */
const PARAMETER_NAME = /^[\w:.-]{1,64}$/;

/** MedplumClient sends the name of a file along. It is no criterion, and a Binary has no element for it: the Attachment has. */
const FILE_NAME = '_filename';

/**
 * Refuses parameters in the URL of a write that names what it writes: who sends criteria there means another interaction.
 *
 * @param views names of the parameters that say what is shown of the answer
 * @throws FhirError `incorrect`
 */
export function refuseParameters(
  { query, type }: Pick<FhirRequest, 'query' | 'type'>,
  views: ReadonlySet<string>,
): void {
  for (const [name] of query) {
    if (FORM_PARAMETERS.has(name) || views.has(name)) continue;
    if (name === FILE_NAME && type === 'Binary') continue;
    const isShown = PARAMETER_NAME.test(name);
    const shown = isShown ? `'${name}'` : 'this one';
    const text = `The URL of a write has no parameters where it names no criteria: leave ${shown} out. Nothing was changed.`;
    throw fhirError('incorrect', 'not-supported', text, isShown ? `http.${name}` : undefined);
  }
}
