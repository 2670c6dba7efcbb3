import { fhirError, type FhirError } from '../../fhir/outcome.ts';
import type { Projector } from '../../fhir/projection/projection.ts';
import { dateSpan } from '../../fhir/dates.ts';
import type { Caller } from '../../records/caller.ts';
import type { HistoryEntry, HistoryFilter, HistoryPage, Records } from '../../records/records.ts';
import { etag } from '../http/etag.ts';
import { FORM_PARAMETERS } from '../http/negotiation.ts';
import type { Pieces } from '../http/pieces.ts';
import type { FhirRequest, Interaction } from '../http/types.ts';
import { bundlePieces, linkText } from '../presentation/bundlePieces.ts';
import { VIEW_PARAMETERS, type Views } from '../presentation/view.ts';

/** Entries of a page when the client names no `_count`. */
const COUNT_DEFAULT = 20;
/** Largest page. */
const COUNT_MAX = 1000;

export interface HistoryParts {
  records: Pick<Records, 'instanceHistory' | 'changeHistory'>;
  views: Views;
  /** Absolute URL of the FHIR base. */
  base: string;
}

/** What a history is asked of: a resource, a type or everything. */
export interface HistoryTarget {
  type?: string | undefined;
  id?: string | undefined;
}

/** GET Type/id/_history, Type/_history and _history (http://hl7.org/fhir/R4/http.html#history). */
export function historyInteraction(parts: HistoryParts): Interaction {
  return async (request) => ({
    status: 200,
    body: await historyBundle(parts, request.caller, request, request.query),
  });
}

/**
 * The page of a history that a query asks for. Those of types and of everything have versions that are settled, so that
 * polling with `_since` misses none.
 */
export async function historyBundle(
  { records, views, base }: HistoryParts,
  caller: Caller,
  { type, id }: HistoryTarget,
  pairs: FhirRequest['query'],
): Promise<Pieces> {
  const { filter, page, used } = parse(pairs);
  const projector = views.ofQuery(pairs, type);
  const found =
    id === undefined
      ? await records.changeHistory(caller, type, filter, page)
      : await records.instanceHistory(caller, type!, id, filter, page);
  const url = [base, type, id, '_history'].filter((part) => part !== undefined).join('/');
  return historyPieces({ base, url, used, found, projector });
}

const ONCE: ReadonlySet<string> = new Set(['_since', '_at', '_count']);

interface HistoryQuery {
  filter: HistoryFilter;
  page?: string;
  used: [string, string][];
}

function parse(pairs: FhirRequest['query']): HistoryQuery {
  const query: HistoryQuery = { filter: { count: COUNT_DEFAULT }, used: [] };
  for (const [name, value] of pairs) {
    requireOnce(name, query.used);
    if (name === '_page') {
      query.page = value;
      continue;
    }
    if (name === '_count') query.filter.count = parseCount(value);
    else if (name === '_since') query.filter.since = parseInstant(value);
    else if (name === '_at') query.filter.at = parseAt(value);
    else if (!VIEW_PARAMETERS.has(name) && !FORM_PARAMETERS.has(name)) throw notOfHistory(name);
    query.used.push([name, value]);
  }
  return query;
}

function notOfHistory(name: string): FhirError {
  const isShown = /^\w{1,40}$/.test(name);
  return fhirError(
    'incorrect',
    'not-supported',
    `_history takes _since, _at, _count, _summary and _elements, not '${isShown ? name : '?'}'.`,
    isShown ? `http.${name}` : undefined,
  );
}

/** Of two times, which one is meant cannot be told. */
function requireOnce(name: string, used: HistoryQuery['used']): void {
  if (!ONCE.has(name) || !used.some(([other]) => other === name)) return;
  throw fhirError('incorrect', 'invalid', `${name} stands more than once: give it once.`, `http.${name}`);
}

function parseCount(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) === 0) {
    const text = `_count must be a whole number from 1 to ${COUNT_MAX}.`;
    throw fhirError('incorrect', 'invalid', text, 'http._count');
  }
  return Math.min(Number(value), COUNT_MAX);
}

/** `_since` is an instant; a date or a coarser time is taken at its beginning. */
function parseInstant(value: string): Date {
  return parseAt(value, '_since').from;
}

function parseAt(value: string, name = '_at') {
  const span = dateSpan(value.replace(/ (\d\d:\d\d)$/, '+$1'));
  if (span === undefined) {
    const text = `${name} must be a FHIR dateTime, such as 2026-01-31T09:30:00Z.`;
    throw fhirError('incorrect', 'invalid', text, `http.${name}`);
  }
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

function historyPieces({ base, url, used, found, projector }: HistoryAnswer): Pieces {
  const links = [linkText('self', url, used)];
  if (found.next !== undefined) links.push(linkText('next', url, [...used, ['_page', found.next]]));
  const entries = found.entries.map((entry) => historyEntry(base, entry, projector));
  return bundlePieces('history', { links, entries });
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
