import type { Projector } from '../../fhir/projection/projection.ts';
import type { Issue } from '../../fhir/outcome.ts';
import type { FoundResource, SearchResult } from '../../records/search.ts';
import { outcomeText } from '../http/errors.ts';
import { URL_CHARS_MAX } from '../http/limits.ts';
import { bundlePieces, type EntryPieces, linkText, urlWith } from './bundlePieces.ts';
import type { Projectors } from './view.ts';

type Pair = readonly [string, string];

/** Name of the parameter that carries the sealed position of a page. */
const PAGE_PARAMETER = '_page';

/** A search that was answered, and how it is to be shown. */
export interface Searchset {
  /** Absolute URL of the FHIR base. */
  base: string;
  /** Absolute URL of the search, without its query. */
  url: string;
  /** Where the same search can be POSTed as a form, if it can. */
  formUrl?: string;
  /** Pairs that were used, in order, without the position of the page. */
  used: readonly Pair[];
  /** Sealed position of this page; absent on the first. */
  page?: string;
  /** What was left out of the search. */
  ignored: readonly Issue[];
  result: SearchResult;
  /** Everything that was written before is in the result. */
  asOf?: Date;
  /** Absent: resources as they are stored. */
  projectors?: Projectors;
}

/** The Bundle of a page of matches (http://hl7.org/fhir/R4/search.html#return), from stored texts as they are. */
export function searchsetPieces(searchset: Searchset): string[] {
  const { base, result, projectors: { ofMatches, ofIncluded } = {} } = searchset;
  const entries: (string | EntryPieces)[] = [
    ...result.matches.map((found) => entryPieces(base, found, 'match', ofMatches)),
    ...result.included.map((found) => entryPieces(base, found, 'include', ofIncluded)),
  ];
  const { links, issues: linkIssues } = linksOf(searchset);
  const issues = [...searchset.ignored, ...linkIssues, ...resultIssues(result)];
  if (issues.length > 0) entries.push(outcomeEntry(issues));
  return bundlePieces('searchset', {
    ...(searchset.asOf === undefined ? {} : { lastUpdated: searchset.asOf }),
    ...(result.total === undefined ? {} : { total: result.total }),
    links,
    entries,
  });
}

function entryPieces(
  base: string,
  found: FoundResource,
  mode: 'match' | 'include',
  projector: Projector | undefined,
): EntryPieces {
  const { content, score } = found;
  const resource = projector === undefined ? content : projector.project(content);
  const rank = score === undefined ? '' : `,"score":${score}`;
  return [`{${fullUrlText(base, found)}"resource":`, resource, `,"search":{"mode":"${mode}"${rank}}}`];
}

/** What is contained is named by its container and its id there (http://hl7.org/fhir/R4/search.html#contained), if it has one. */
function fullUrlText(base: string, { type, id, containedIn }: FoundResource): string {
  if (containedIn === undefined) return `"fullUrl":"${base}/${type}/${id}",`;
  if (id === '') return '';
  return `"fullUrl":${JSON.stringify(`${base}/${containedIn.type}/${containedIn.id}#${id}`)},`;
}

/** All remarks stand in one entry (http://hl7.org/fhir/R4/bundle.html: at most one outcome in a searchset). */
function outcomeEntry(issues: Issue[]): string {
  return `{"resource":${outcomeText(issues)},"search":{"mode":"outcome"}}`;
}

function resultIssues({ includesCut, included, explanation }: SearchResult): Issue[] {
  const issues: Issue[] = [];
  if (includesCut) {
    const diagnostics = `Only ${included.length} included resources are shown, more belong to this page: ask for fewer matches by _count.`;
    issues.push({ severity: 'warning', code: 'too-costly', diagnostics });
  }
  if (explanation !== undefined) {
    const diagnostics = JSON.stringify(explanation);
    issues.push({ severity: 'information', code: 'informational', diagnostics });
  }
  return issues;
}

function linksOf({ url, formUrl, used, page, result }: Searchset): { links: string[]; issues: Issue[] } {
  const { next, previous } = result;
  const at = (position: string): Pair[] => [...used, [PAGE_PARAMETER, position]];
  const self = linkText('self', url, page === undefined ? used : at(page));
  const pages = Object.entries({ next, previous }).filter(([, position]) => position !== undefined) as Pair[];
  if (pages.length === 0 && page === undefined) return { links: [self], issues: [] };
  const isTooLong = pages.some(([, position]) => urlWith(url, at(position)).length > URL_CHARS_MAX);
  const form = isTooLong ? formUrl : undefined;
  const to = (relation: string, pairs: readonly Pair[]) =>
    form === undefined ? linkText(relation, url, pairs) : linkText(relation, form, pairs.slice(used.length));
  const others = pages.map(([relation, position]) => to(relation, at(position)));
  return { links: [self, ...others, to('first', used)], issues: form === undefined ? [] : [LONG_SEARCH] };
}

const LONG_SEARCH: Issue = {
  severity: 'warning',
  code: 'too-long',
  diagnostics:
    'The search is too long for a URL: POST its form, as you did for this page, to the links of the other pages.',
};
