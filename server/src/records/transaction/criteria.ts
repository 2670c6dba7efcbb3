import type { Definitions } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { TypeSearch } from '../../fhir/search/ast.ts';
import { withoutOwnBase } from '../../store/index/values/reference.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import type { RecordSearch } from '../search.ts';
import { atEntry, atEntryAwaited } from './atEntry.ts';

/** What a conditional interaction looks for (http://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #cdelete). */
export interface Criteria {
  /** At least one condition; no order. */
  search: TypeSearch;
  /** The same among what the caller may see; absent: there are no limits. */
  seen?: TypeSearch;
  /** As they are written, for those that refer to other entries of a bundle. */
  pairs: Pairs;
}

type Pairs = readonly (readonly [string, string])[];

/** A search URL of one type: `Patient?identifier=...`. */
const SEARCH_URL = /^([A-Za-z]+)\?(.*)$/s;
/** The same at some server. */
const ANY_SEARCH_URL = /^(?:https?:\/\/[^?]+\/)?([A-Za-z]+)\?/;

/**
 * The type and query of a search URL, as it may stand for a reference; undefined for other texts.
 *
 * @param ownBase absolute URL of this server's FHIR base: what is below it is meant here
 */
export function searchUrl(
  definitions: Definitions,
  text: string,
  ownBase: string | undefined,
): { type: string; query: string } | undefined {
  const [, type, query] = SEARCH_URL.exec(withoutOwnBase(text, ownBase)) ?? [];
  return type !== undefined && definitions.isResourceType(type) ? { type, query: query! } : undefined;
}

/** Whether a text is a search URL of one type, here or at another server. */
export function isSearchUrl(definitions: Definitions, text: string): boolean {
  const type = ANY_SEARCH_URL.exec(text)?.[1];
  return type !== undefined && definitions.isResourceType(type);
}

/**
 * Query pairs -> criteria. They are read strictly, whatever the handling of searches: a condition that is left out
 * would mean other resources.
 *
 * @param at where they stand, for errors
 * @throws FhirError `incorrect` for what cannot be used, where nothing is asked for, and for parameters of results
 */
export function parseCriteria(search: RecordSearch, type: string, pairs: Pairs, at?: string): Criteria {
  const { query } = atEntry(at, () => search.parse({ type }, pairs, 'strict'));
  const [only] = query.searches;
  const aboutResults = pairs.find(([name]) => isAboutResults(name));
  if (aboutResults !== undefined) {
    const text = `Criteria say which resource is meant; ${aboutResults[0]} says how results are given: leave it out.`;
    throw fhirError('incorrect', 'not-supported', text, at);
  }
  if (only!.conditions.length === 0) {
    const text = 'A conditional interaction needs criteria, such as identifier=system|value.';
    throw fhirError('incorrect', 'required', text, at);
  }
  return { search: only!, pairs };
}

/**
 * The criteria with the codes that `:in`, `:above` and the like mean, as searches understand them: what is locked and looked for
 * afterwards are values. Another meaning that a code gets meanwhile counts from the next write on.
 *
 * @throws FhirError when that is not known, or too many
 */
export async function meantCriteria(
  { search, gate }: CriteriaParts,
  criteria: Criteria,
  at?: string,
): Promise<Criteria> {
  return atEntryAwaited(at, async () => {
    const meant = await search.meant(criteria.search);
    if (gate)
      return { ...criteria, search: meant, seen: await search.meant(await gate.narrowed(criteria.search)) };
    return meant === criteria.search ? criteria : { ...criteria, search: meant };
  });
}

export interface CriteriaParts {
  search: RecordSearch;
  /** Absent: the caller has no limits. */
  gate?: TransactionGate | undefined;
}

/** What is looked for among what is stored. */
export const lookedFor = ({ search, seen }: Criteria): TypeSearch => seen ?? search;

const RESULT_PARAMETERS = new Set([
  '_count',
  '_page',
  '_total',
  '_sort',
  '_summary',
  '_elements',
  '_explain',
]);

const isAboutResults = (name: string) =>
  RESULT_PARAMETERS.has(name) || /^_(include|revinclude)(:|$)/.test(name) || name.startsWith('_contained');
