import type { Definitions } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import { parseQuery } from '../../fhir/search/queryString.ts';
import type { OwnResources } from '../../store/conditional/ownResources.ts';
import type { TransactionView } from '../../store/conditional/transactionView.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import type { RecordSearch } from '../search.ts';
import { lookedFor, meantCriteria, parseCriteria, searchUrl, type Criteria } from './criteria.ts';
import type { FoundReferences } from './references.ts';

export interface ReferenceParts {
  definitions: Definitions;
  search: RecordSearch;
  gate?: TransactionGate | undefined;
  view: TransactionView;
  own: OwnResources;
  /** By type, ids of what the transaction deletes or writes anew: what is stored of them does not count. */
  rewritten: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A conditional reference, and where the first of its kind stands. */
export type AskedReferences = ReadonlyMap<string, string | undefined>;

/**
 * What conditional references refer to (http://hl7.org/fhir/R4/http.html#trules): each to the one resource that satisfies its
 * criteria when all of the transaction is done.
 *
 * @throws FhirError `precondition-failed` where there is none, or more than one
 */
export async function findReferences(
  parts: ReferenceParts,
  asked: AskedReferences,
): Promise<FoundReferences> {
  const criteria = new Map<string, Criteria>();
  for (const [reference, at] of asked) criteria.set(reference, await criteriaOf(parts, reference, at));
  const hidden = Math.max(0, ...[...parts.rewritten.values()].map(({ size }) => size));
  const searches = [...criteria.values()].map(lookedFor);
  await parts.view.prefetch(searches, { limit: AMBIGUOUS + hidden });
  const found = new Map<string, string>();
  for (const [reference, one] of criteria) {
    found.set(reference, await findReference(parts, one, asked.get(reference)));
  }
  return found;
}

function criteriaOf(parts: ReferenceParts, reference: string, at: string | undefined): Promise<Criteria> {
  const { type, query } = searchUrl(parts.definitions, reference)!;
  return meantCriteria(parts, parseCriteria(parts.search, type, parseQuery(query), at), at);
}

async function findReference(
  parts: ReferenceParts,
  criteria: Criteria,
  at: string | undefined,
): Promise<string> {
  const ids = await matchingIds(parts, criteria);
  if (ids.length === 1) return `${criteria.search.type}/${ids[0]!}`;
  throw ids.length === 0 ? nothingFound(at) : ambiguous(at);
}

/** More than one match is one too many. */
const AMBIGUOUS = 2;

async function matchingIds({ view, own, rewritten }: ReferenceParts, criteria: Criteria): Promise<string[]> {
  const { search } = criteria;
  const hidden = rewritten.get(search.type);
  const limit = AMBIGUOUS + (hidden?.size ?? 0);
  const stored = await view.matches(lookedFor(criteria), { limit });
  const kept = stored.map(({ id }) => id).filter((id) => !hidden?.has(id));
  return [...kept, ...own.matching(search)];
}

const nothingFound = (at: string | undefined) =>
  fhirError(
    'precondition-failed',
    'not-found',
    'No resource satisfies the criteria of this conditional reference: create it first, or correct the criteria.',
    at,
  );

const ambiguous = (at: string | undefined) =>
  fhirError(
    'precondition-failed',
    'multiple-matches',
    'Several resources satisfy the criteria of this conditional reference: give criteria that only one can satisfy.',
    at,
  );
