import { fhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { TypeSearch } from '../../fhir/search/ast.ts';
import type { LockedCriteria, TransactionView } from '../../store/conditional/transactionView.ts';
import type { RecordSearch } from '../search.ts';
import { studyUidsOf, type StudyUid } from '../studies/studyUids.ts';
import type { Wished } from './allowedWrites.ts';
import { parseCriteria } from './criteria.ts';
import { rewrittenIds, targetId } from './settled.ts';
import { expressionOf } from './types.ts';

const TYPE = 'ImagingStudy';

/** A Study Instance UID that a transaction writes into an ImagingStudy. */
interface Claim extends Pick<StudyUid, 'urn'> {
  /** Of the ImagingStudy. */
  id: string;
  /** Finds all that have the UID. */
  search: TypeSearch;
  /** FHIRPath of the UID. */
  at: string;
  isPatch: boolean;
}

/** What keeps two writers from giving one Study Instance UID to two ImagingStudies; nothing of other resources. */
export const lockedStudies = (search: RecordSearch, resource: Resource): LockedCriteria[] =>
  studyUidsOf(resource).map(({ urn }) => locked(searchFor(search, urn), urn));

/**
 * Refuses a Study Instance UID that another ImagingStudy has: it would not be known whose the images are. A deleted one has none any more. Studies
 * that are created or updated hold the locks of {@link lockedStudies}; only a patch that brings in another UID takes its own here.
 *
 * @throws FhirError `conflict`
 */
export async function requireOwnStudies(
  { search, view }: { search: RecordSearch; view: TransactionView },
  wished: Wished,
): Promise<void> {
  const claims = claimsIn(search, wished);
  if (claims.length === 0) return;
  const rewritten = new Set(
    wished.settled.flatMap((one, i) => (wished.operations[i]!.type === TYPE ? rewrittenIds(one) : [])),
  );
  const limit = rewritten.size + 1;
  await view.prefetch(
    claims.map((claim) => claim.search),
    { limit },
  );
  const owners = new Map<string, string>();
  for (const claim of claims) {
    let stored = await view.matches(claim.search, { limit });
    if (claim.isPatch && !stored.some(({ id }) => id === claim.id)) {
      await view.lock([locked(claim.search, claim.urn)]);
      stored = await view.matches({ ...claim.search }, { limit }); // anew, not what was looked up before the lock
    }
    const isOfOther = stored.some(({ id }) => !rewritten.has(id)) || owners.has(claim.urn);
    if (isOfOther && owners.get(claim.urn) !== claim.id) throw taken(claim);
    owners.set(claim.urn, claim.id);
  }
}

function claimsIn(search: RecordSearch, { operations, settled, resources }: Wished): Claim[] {
  return resources.flatMap((resource, i) => {
    const id = targetId(settled[i]!);
    if (!resource || id === undefined) return [];
    const at = expressionOf(operations[i]!, 'resource') ?? TYPE;
    const isPatch = settled[i]!.does === 'patch';
    return studyUidsOf(resource.value).map(({ urn, position }) => ({
      ...{ urn, id, isPatch, search: searchFor(search, urn) },
      at: `${at}.identifier[${position}].value`,
    }));
  });
}

const searchFor = (search: RecordSearch, urn: string): TypeSearch =>
  parseCriteria(search, TYPE, [['identifier', `urn:dicom:uid|${urn}`]]).search;

const locked = (search: TypeSearch, urn: string): LockedCriteria => ({
  ...search,
  identifiers: [urn],
  unsettled: [],
});

const taken = ({ at }: Claim) =>
  fhirError(
    'conflict',
    'duplicate',
    'Another ImagingStudy has this Study Instance UID: update that one, or send the UID that the images of this one have.',
    at,
  );
