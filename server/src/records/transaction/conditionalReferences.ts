import type { Definitions } from '../../fhir/definitions/types.ts';
import { referencePlace } from '../../fhir/links/referencePlace.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { parseQuery } from '../../fhir/search/queryString.ts';
import type { OwnResources } from '../../store/conditional/ownResources.ts';
import type { TransactionView } from '../../store/conditional/transactionView.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import type { RecordSearch } from '../search.ts';
import { atEntryAwaited } from './atEntry.ts';
import { lookedFor, meantCriteria, parseCriteria, searchUrl, type Criteria } from './criteria.ts';
import type { FoundReferences } from './references.ts';
import { expressionOf, type TransactionOperation } from './types.ts';

export interface ReferenceParts {
  definitions: Definitions;
  search: RecordSearch;
  gate?: TransactionGate | undefined;
  view: TransactionView;
  own: OwnResources;
  /** Absolute URL of this server's FHIR base. */
  ownBase: string | undefined;
  /** By type, ids of what the transaction deletes or writes anew: what is stored of them does not count. */
  rewritten: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What has a conditional reference. */
export interface Asker {
  operation: TransactionOperation;
  resource: Resource;
}

/** A conditional reference, and what has the first of its kind. */
export type AskedReferences = ReadonlyMap<string, Asker>;

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
  for (const [reference, asker] of asked)
    criteria.set(reference, await atReference(asker, reference, () => criteriaOf(parts, reference)));
  const hidden = Math.max(0, ...[...parts.rewritten.values()].map(({ size }) => size));
  const searches = [...criteria.values()].map(lookedFor);
  await parts.view.prefetch(searches, { limit: AMBIGUOUS + hidden });
  const found = new Map<string, string>();
  for (const [reference, one] of criteria) {
    const find = () => findReference(parts, one);
    found.set(reference, await atReference(asked.get(reference)!, reference, find));
  }
  return found;
}

/** Names in errors the element that has the reference, in its entry if there is one: looked for only then, since it takes a walk. */
async function atReference<T>(
  { operation, resource }: Asker,
  reference: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const place = referencePlace(resource, reference);
    const entry = expressionOf(operation, 'resource');
    const expression = entry === undefined ? place : entry + place.slice(resource.resourceType.length);
    return atEntryAwaited(expression, () => Promise.reject(error as Error));
  }
}

async function criteriaOf(parts: ReferenceParts, reference: string): Promise<Criteria> {
  const { type, query } = searchUrl(parts.definitions, reference, parts.ownBase)!;
  return meantCriteria(parts, parseCriteria(parts.search, type, parseQuery(query)));
}

async function findReference(parts: ReferenceParts, criteria: Criteria): Promise<string> {
  const ids = await matchingIds(parts, criteria);
  if (ids.length === 1) return `${criteria.search.type}/${ids[0]!}`;
  throw ids.length === 0 ? nothingFound() : ambiguous();
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

const nothingFound = () =>
  fhirError(
    'precondition-failed',
    'not-found',
    'No resource satisfies the criteria of this conditional reference: create it first, or correct the criteria.',
  );

const ambiguous = () =>
  fhirError(
    'precondition-failed',
    'multiple-matches',
    'Several resources satisfy the criteria of this conditional reference: give criteria that only one can satisfy.',
  );
