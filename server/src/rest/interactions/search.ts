import { isUtf8 } from 'node:buffer';
import type { Projection } from '../../fhir/projection/projection.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { Caller } from '../../records/caller.ts';
import type { Records, SearchHandling, SearchTarget } from '../../records/records.ts';
import { hasBody, readBody } from '../http/body.ts';
import { FORM_BYTES_MAX, FORM_PAIRS_MAX } from '../http/limits.ts';
import {
  answerForm,
  FORM_PARAMETERS,
  mediaTypeOf,
  notAcceptable,
  type AnswerForm,
} from '../http/negotiation.ts';
import { preferences } from '../http/prefer.ts';
import { parseQuery } from '../http/query.ts';
import { told } from '../http/recording.ts';
import type { Pieces } from '../http/pieces.ts';
import type { FhirRequest, Interaction } from '../http/types.ts';
import { searchsetPieces } from '../presentation/searchset.ts';
import { projectorsOf } from '../presentation/view.ts';

export interface SearchParts {
  records: Records;
  projection: Projection;
  /** Absolute URL of the FHIR base. */
  base: string;
  /** Where a request does not say. */
  handling: SearchHandling;
}

type Pairs = FhirRequest['query'];

/** GET of the base, a type or a compartment with a query (http://hl7.org/fhir/R4/http.html#search). */
export function searchInteraction(parts: SearchParts): Interaction {
  return async (request) => {
    requireList(request.form, request.query);
    return { status: 200, body: await answer(parts, request, request.query) };
  };
}

/** POST .../_search with the parameters as a form, those of the URL added. */
export function searchPostInteraction(parts: SearchParts): Interaction {
  return async (request) => {
    const pairs = await readForm(request);
    const all = [...request.query, ...pairs];
    request.caller.trail?.asks({ query: told(askedInForm(request, all)) });
    readAnswerForm(request.form, pairs);
    requireList(request.form, all);
    return { status: 200, body: await answer(parts, request, all) };
  };
}

/** What the form says of how the answer is to be written wins over URL and headers. */
function readAnswerForm(form: AnswerForm, pairs: Pairs): void {
  const own = answerForm({}, pairs, true);
  if (pairs.some(([name]) => name === '_format')) form.format = own.format;
  if (own.pretty) form.pretty = true;
}

/** @throws FhirError `not-acceptable` when lines of resources are wanted, but only their number */
function requireList({ format }: AnswerForm, pairs: Pairs): void {
  // search.html#count: a `_count` of 0 asks for what `_summary=count` does.
  const isCount = pairs.some(
    ([name, value]) =>
      (name === '_summary' && value === 'count') || (name === '_count' && /^0+$/.test(value)),
  );
  if (format === 'ndjson' && isCount) throw notAcceptable();
}

/** How the request wants parameters treated that cannot be used. */
export function handlingOf(request: Pick<FhirRequest, 'raw'>, otherwise: SearchHandling): SearchHandling {
  return preferences(request.raw.headers.prefer).handling ?? otherwise;
}

/** Runs a search and gives its Bundle. @throws FhirError as Records.parseSearch and Records.search do */
export async function searchBundle(
  parts: SearchParts,
  caller: Caller,
  target: SearchTarget,
  pairs: Pairs,
  handling: SearchHandling,
): Promise<Pieces> {
  const { query, used, ignored } = parts.records.parseSearch(target, pairs, handling);
  const result = await parts.records.search(caller, query);
  const url = urlOf(parts.base, target);
  return searchsetPieces({
    base: parts.base,
    url,
    formUrl: `${url}/_search`,
    used: [...used, ...formPairs(pairs)],
    ignored,
    result,
    ...(query.page === undefined ? {} : { page: query.page }),
    projectors: projectorsOf(parts.projection, query),
  });
}

function answer(parts: SearchParts, request: FhirRequest, pairs: Pairs): Promise<Pieces> {
  return searchBundle(parts, request.caller, request, pairs, handlingOf(request, parts.handling));
}

/** The pages of a list are written alike. */
export const formPairs = (pairs: Pairs) => pairs.filter(([name]) => FORM_PARAMETERS.has(name));

function urlOf(base: string, { type, compartment }: SearchTarget): string {
  if (compartment === undefined) return type === undefined ? base : `${base}/${type}`;
  return `${base}/${compartment.type}/${encodeURIComponent(compartment.id)}/${type ?? '*'}`;
}

/** The search as it would stand in a URL. */
function askedInForm(target: SearchTarget, pairs: Pairs): string {
  const query = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value]));
  return `${urlOf('', target).slice(1)}?${query.toString()}`;
}

async function readForm(request: FhirRequest): Promise<[string, string][]> {
  const contentType = request.raw.headers['content-type'];
  if (!hasBody(request.raw)) return []; // everything is in the URL
  // HAPI's client loses the type of what it compresses, and nothing but a form can be meant here.
  if (contentType !== undefined && mediaTypeOf(contentType) !== 'application/x-www-form-urlencoded') {
    throw fhirError(
      'unsupported-media-type',
      'not-supported',
      'Send the parameters as application/x-www-form-urlencoded.',
    );
  }
  const form = await readBody(request.raw, FORM_BYTES_MAX, request.body);
  if (!isUtf8(form))
    throw fhirError('incorrect', 'invalid', 'The form is not valid UTF-8: percent-encode it as UTF-8.');
  return parseQuery(form.toString(), FORM_PAIRS_MAX);
}
