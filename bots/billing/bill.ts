import type { MedplumClient } from '@medplum/core';
import type {
  ChargeItem,
  Claim,
  ClaimResponse,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Invoice,
} from '@medplum/fhirtypes';
import { coveragesOf, type ClaimedCoverage } from '../lib/bills/coverages.ts';
import { byIdentifier, identifierValue } from '../lib/bills/identifiers.ts';
import { idOf } from '../lib/bills/references.ts';

/** Most requests, claims and answers of a bill; more ChargeItems than that are not on one either. */
const PARTS_MAX = 1_000;
/** Ids in one URL. */
const IDS_MAX = 100;

type Stored<T> = T & { id: string };

/** A bill with all that has been asked and answered about it. */
export interface Bill {
  number: string;
  invoice: Stored<Invoice>;
  items: Stored<ChargeItem>[];
  /** First the one that pays first: those claimed from already, then others that were in force when the first of its services was done. */
  coverages: ClaimedCoverage[];
  requests: Stored<CoverageEligibilityRequest>[];
  requestAnswers: Stored<CoverageEligibilityResponse>[];
  claims: Stored<Claim>[];
  claimAnswers: Stored<ClaimResponse>[];
}

/** Undefined where there is no such bill, or it is not the invoice of a patient. */
export async function readBill(medplum: MedplumClient, number: string): Promise<Bill | undefined> {
  const invoice = await medplum.searchOne('Invoice', byIdentifier('invoice', number));
  const patient = idOf(invoice?.subject, 'Patient');
  if (invoice === undefined || patient === undefined) return undefined;
  const items = await itemsOf(medplum, invoice);
  const when = items.map(timeOf).sort()[0] ?? invoice.meta!.lastUpdated!;
  const ofBill = `${byIdentifier('bill', number)}&_sort=_id&_count=${PARTS_MAX}`;
  const requests = await medplum.searchResources('CoverageEligibilityRequest', ofBill);
  const claims = (await medplum.searchResources('Claim', ofBill)).sort(
    (a, b) => nthOf(a) - nthOf(b) || (a.id < b.id ? -1 : 1),
  );
  return {
    number,
    invoice,
    items,
    coverages: inOrder(claims, await coveragesOf(medplum, patient, when)),
    requests,
    requestAnswers:
      requests.length === 0
        ? []
        : await medplum.searchResources('CoverageEligibilityResponse', answersTo(requests)),
    claims,
    claimAnswers:
      claims.length === 0 ? [] : await medplum.searchResources('ClaimResponse', answersTo(claims)),
  };
}

const answersTo = (asked: readonly { resourceType: string; id: string }[]): string =>
  `request=${asked.map(({ resourceType, id }) => `${resourceType}/${id}`).join(',')}&status=active&_sort=_id&_count=${PARTS_MAX}`;

async function itemsOf(medplum: MedplumClient, { lineItem = [] }: Invoice): Promise<Stored<ChargeItem>[]> {
  const ids = lineItem.flatMap(({ chargeItemReference }) => idOf(chargeItemReference, 'ChargeItem') ?? []);
  const items: Stored<ChargeItem>[] = [];
  for (let from = 0; from < ids.length; from += IDS_MAX) {
    const some = ids.slice(from, from + IDS_MAX);
    items.push(...(await medplum.searchResources('ChargeItem', `_id=${some.join(',')}&_count=${IDS_MAX}`)));
  }
  return items;
}

/** What has been claimed from stays, whatever has become of the coverage since. */
function inOrder(claims: readonly Claim[], current: readonly ClaimedCoverage[]): ClaimedCoverage[] {
  const claimed = claims.flatMap((claim): ClaimedCoverage[] => {
    const id = focalCoverage(claim);
    return id === undefined || claim.insurer === undefined
      ? []
      : [{ resourceType: 'Coverage', id, insurer: claim.insurer }];
  });
  return [...new Map([...claimed, ...current].map((coverage) => [coverage.id, coverage])).values()];
}

/** Id of the coverage that a claim is made to. */
export const focalCoverage = ({ insurance }: Claim): string | undefined =>
  idOf(insurance.find(({ focal }) => focal)?.coverage, 'Coverage');

/** When a charge's service was done, or begun. */
export const timeOf = ({ occurrenceDateTime, occurrencePeriod, enteredDate }: ChargeItem): string =>
  occurrenceDateTime ?? occurrencePeriod?.start ?? enteredDate ?? '';

/** Which claim of its bill it is, by its number. */
const nthOf = (claim: Claim): number => Number(identifierValue(claim, 'claim')?.split('-')[1] ?? Infinity);
