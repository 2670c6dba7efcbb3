import type { Issue } from '../../fhir/outcome.ts';
import type { Records, SearchHandling } from '../../records/records.ts';
import { readBody } from '../http/body.ts';
import { fhirError } from '../../fhir/outcome.ts';
import { outcomeText } from '../http/errors.ts';
import { mediaTypeOf } from '../http/negotiation.ts';
import { preferences } from '../http/prefer.ts';
import { parseQuery } from '../http/query.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';

export interface SearchSettings {
  base: string;
  handling: SearchHandling;
  formBytesMax: number;
}

/** GET Type?... (http://hl7.org/fhir/R4/http.html#search). */
export function searchInteraction(records: Records, settings: SearchSettings): Interaction {
  return (request) => answer(records, settings, request, request.query);
}

/** POST Type/_search with the parameters as a form, the URL's added. */
export function searchPostInteraction(records: Records, settings: SearchSettings): Interaction {
  return async (request) => {
    if (mediaTypeOf(request.raw.headers['content-type']) !== 'application/x-www-form-urlencoded') {
      throw fhirError(
        'unsupported-media-type',
        'not-supported',
        'Send the parameters as application/x-www-form-urlencoded.',
      );
    }
    const form = await readBody(request.raw, settings.formBytesMax, request.body);
    return answer(records, settings, request, [...request.query, ...parseQuery(form.toString())]);
  };
}

async function answer(
  records: Records,
  settings: SearchSettings,
  request: FhirRequest,
  pairs: FhirRequest['query'],
): Promise<FhirResponse> {
  const type = request.type!;
  const handling = preferences(request.raw.headers.prefer).handling ?? settings.handling;
  const { query, used, ignored } = records.parseSearch(type, pairs, handling);
  const page = await records.search(request.caller, query);
  const url = `${settings.base}/${type}`;
  const links = [link('self', url, used)];
  if (page.next !== undefined) links.push(link('next', url, [...used, ['_page', page.next]]));
  const entries = page.matches.map(
    (match) => `{"fullUrl":"${url}/${match.id}","resource":${match.content},"search":{"mode":"match"}}`,
  );
  if (ignored.length > 0) entries.push(outcomeEntry(ignored));
  return { status: 200, body: bundleText('searchset', links, entries) };
}

function link(relation: string, url: string, pairs: readonly (readonly [string, string])[]): string {
  const query = pairs
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return JSON.stringify({ relation, url: query === '' ? url : `${url}?${query}` });
}

function outcomeEntry(issues: Issue[]): string {
  return `{"resource":${outcomeText(issues)},"search":{"mode":"outcome"}}`;
}

/** A Bundle of entries that are JSON texts already: concatenated, never parsed. */
export function bundleText(
  type: string,
  links: readonly string[],
  entries: readonly string[],
  timestamp?: string,
): string {
  const meta = timestamp === undefined ? '' : `,"meta":{"lastUpdated":"${timestamp}"}`;
  const linkPart = links.length === 0 ? '' : `,"link":[${links.join(',')}]`;
  const entryPart = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`;
  return `{"resourceType":"Bundle"${meta},"type":"${type}"${linkPart}${entryPart}}`;
}
