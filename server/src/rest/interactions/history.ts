import { fhirError } from '../../fhir/outcome.ts';
import type { Projector } from '../../fhir/projection/projection.ts';
import { dateSpan } from '../../fhir/dates.ts';
import type { HistoryEntry, HistoryFilter, HistoryPage, Records } from '../../records/records.ts';
import { etag } from '../http/etag.ts';
import { FORM_PARAMETERS } from '../http/negotiation.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';
import { bundlePieces, linkText } from '../presentation/bundlePieces.ts';
import { VIEW_PARAMETERS, type Views } from '../presentation/view.ts';

/** Entries of a page when the client names no `_count`. */
const COUNT_DEFAULT = 20;
/** Largest page. */
const COUNT_MAX = 1000;

/** GET Type/id/_history (http://hl7.org/fhir/R4/http.html#history). */
export function instanceHistoryInteraction(records: Records, views: Views, base: string): Interaction {
  return async (request) => {
    const { filter, page, used } = parse(request);
    const projector = views.ofQuery(request.query, request.type);
    const found = await records.instanceHistory(request.caller, request.type!, request.id!, filter, page);
    const url = `${base}/${request.type}/${request.id}/_history`;
    return historyResponse({ base, url, used, found, projector });
  };
}

/** GET Type/_history and GET _history: versions that are settled, so that polling with `_since` misses none. */
export function changeHistoryInteraction(records: Records, views: Views, base: string): Interaction {
  return async (request) => {
    const { filter, page, used } = parse(request);
    const projector = views.ofQuery(request.query, request.type);
    const found = await records.changeHistory(request.caller, request.type, filter, page);
    const url = request.type === undefined ? `${base}/_history` : `${base}/${request.type}/_history`;
    return historyResponse({ base, url, used, found, projector });
  };
}

const ONCE: ReadonlySet<string> = new Set(['_since', '_at', '_count']);

interface HistoryQuery {
  filter: HistoryFilter;
  page?: string;
  used: [string, string][];
}

function parse(request: FhirRequest): HistoryQuery {
  const query: HistoryQuery = { filter: { count: COUNT_DEFAULT }, used: [] };
  for (const [name, value] of request.query) {
    requireOnce(name, query.used);
    if (name === '_page') {
      query.page = value;
      continue;
    }
    if (name === '_count') query.filter.count = parseCount(value);
    else if (name === '_since') query.filter.since = parseInstant(value);
    else if (name === '_at') query.filter.at = parseAt(value);
    else if (!VIEW_PARAMETERS.has(name) && !FORM_PARAMETERS.has(name))
      throw fhirError(
        'incorrect',
        'not-supported',
        `_history takes _since, _at, _count, _summary and _elements, not '${/^\w{1,40}$/.test(name) ? name : '?'}'.`,
      );
    query.used.push([name, value]);
  }
  return query;
}

/** Of two times, which one is meant cannot be told. */
function requireOnce(name: string, used: HistoryQuery['used']): void {
  if (!ONCE.has(name) || !used.some(([other]) => other === name)) return;
  throw fhirError('incorrect', 'invalid', `${name} stands more than once: give it once.`);
}

function parseCount(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) === 0) {
    throw fhirError('incorrect', 'invalid', `_count must be a whole number from 1 to ${COUNT_MAX}.`);
  }
  return Math.min(Number(value), COUNT_MAX);
}

/** `_since` is an instant; a date or a coarser time is taken at its beginning. */
function parseInstant(value: string): Date {
  return parseAt(value, '_since').from;
}

function parseAt(value: string, name = '_at') {
  const span = dateSpan(value.replace(/ (\d\d:\d\d)$/, '+$1'));
  if (span === undefined)
    throw fhirError('incorrect', 'invalid', `${name} must be a FHIR dateTime, such as 2026-01-31T09:30:00Z.`);
  return { from: new Date(span.loMs), to: new Date(span.hiMs) };
}

interface HistoryAnswer {
  base: string;
  /** Of the history, without its query. */
  url: string;
  used: HistoryQuery['used'];
  found: HistoryPage<string>;
  projector: Projector | undefined;
}

function historyResponse({ base, url, used, found, projector }: HistoryAnswer): FhirResponse {
  const links = [linkText('self', url, used)];
  if (found.next !== undefined) links.push(linkText('next', url, [...used, ['_page', found.next]]));
  const entries = found.entries.map((entry) => historyEntry(base, entry, projector));
  return { status: 200, body: bundlePieces('history', { links, entries }) };
}

function historyEntry(base: string, entry: HistoryEntry, projector: Projector | undefined): string {
  const url = `${entry.type}/${entry.id}`;
  const request = {
    C: { method: 'POST', url: entry.type },
    U: { method: 'PUT', url },
    D: { method: 'DELETE', url },
  }[entry.method];
  const isMade = entry.version === 1 || entry.remade === true;
  const status = { C: '201', U: isMade ? '201' : '200', D: '204' }[entry.method];
  const response = { status, etag: etag(entry.version), lastModified: entry.lastUpdated.toISOString() };
  const content = entry.content === null ? null : (projector?.project(entry.content) ?? entry.content);
  const resource = content === null ? '' : `,"resource":${content}`;
  return `{"fullUrl":"${base}/${url}"${resource},"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`;
}
