import type { MedplumClient } from '@medplum/core';
import type {
  ChargeItem,
  Claim,
  ClaimCareTeam,
  ClaimDiagnosis,
  ClaimItem,
  Encounter,
  Organization,
  Reference,
} from '@medplum/fhirtypes';
import { byIdentifier, claimNumber, identifier, identifierValue } from '../lib/bills/identifiers.ts';
import { linePrice, visitsOf } from '../lib/bills/invoice.ts';
import { idOf, refer } from '../lib/bills/references.ts';
import { moneyOf, sum } from '../lib/money/money.ts';
import type { Bill } from './bill.ts';
import type { Step } from './nextStep.ts';

const PROFILE = 'https://maxray.example/fhir/StructureDefinition/maxray-claim';
const HL7 = 'http://terminology.hl7.org/CodeSystem';
const concept = (system: string, code: string, display: string) => ({
  coding: [{ system: `${HL7}/${system}`, code, display }],
});

/** Why no claim can be made of a bill; people must. */
export class ClaimFault extends Error {}

/** Stores the claim of a bill to an insurance; the server holds it to MaxRay's profile. @throws ClaimFault */
export async function makeClaim(
  medplum: MedplumClient,
  bill: Bill,
  step: Extract<Step, { step: 'claim' }>,
): Promise<void> {
  const claim = await claimOf(medplum, bill, step);
  await medplum.createResourceIfNoneExist(claim, byIdentifier('claim', identifierValue(claim, 'claim')!));
}

/**
 * The claim of a bill to an insurance, under the next number.
 *
 * @throws ClaimFault where the bill is not of one visit, or nobody is to be paid
 */
export async function claimOf(
  medplum: MedplumClient,
  bill: Bill,
  { coverage, earlier }: Extract<Step, { step: 'claim' }>,
): Promise<Claim> {
  const visit = visitsOf(bill.items);
  if (visit.length !== 1 || bill.items.some(({ context }) => context === undefined))
    throw new ClaimFault('What is billed does not belong to one visit: claim it by hand.');
  const encounter = await medplum.readResource('Encounter', idOf(visit[0], 'Encounter')!);
  const { issuer, subject } = bill.invoice;
  if (issuer === undefined)
    throw new ClaimFault('The invoice has no issuer, who would be paid by the insurer.');
  const number = claimNumber(bill.number, bill.claims.length + 1);
  const items = claimItems(bill, encounter);
  const diagnosis = await diagnosesOf(medplum, encounter);
  const careTeam = careTeamOf(bill.items);
  return {
    resourceType: 'Claim',
    meta: { profile: [PROFILE] },
    identifier: [identifier('claim', number), identifier('bill', bill.number)],
    status: 'active',
    type: concept('claim-type', 'professional', 'Professional'),
    use: 'claim',
    patient: subject as Claim['patient'],
    billablePeriod: { ...encounter.period },
    created: new Date().toISOString(),
    insurer: coverage.insurer,
    provider: issuer as Reference<Organization>,
    priority: concept('processpriority', 'normal', 'Normal'),
    payee: { type: concept('payeetype', 'provider', 'Provider') },
    ...(careTeam.length > 0 && { careTeam }),
    ...(diagnosis.length > 0 && { diagnosis }),
    insurance: [
      ...earlier.map(({ claim: before, answer }, index) => ({
        sequence: index + 1,
        focal: false,
        coverage: before.insurance.find(({ focal }) => focal)!.coverage,
        claimResponse: refer(answer),
      })),
      { sequence: earlier.length + 1, focal: true, coverage: refer(coverage) },
    ],
    item: items,
    total: moneyOf(sum((bill.invoice.lineItem ?? []).map(linePrice), items[0]!.net!.currency!)),
  };
}

/** CMS place of service codes of classes of encounters. */
const PLACES: Readonly<Record<string, string>> = {
  AMB: '11',
  VR: '10',
  HH: '12',
  FLD: '41',
  EMER: '23',
  IMP: '21',
  OBSENC: '22',
};
const PLACE_SYSTEM = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes';

function claimItems({ invoice, items }: Bill, visit: Encounter & { id: string }): ClaimItem[] {
  const encounter = refer(visit);
  const placeCode = PLACES[visit.class.code ?? ''];
  const place = placeCode && { coding: [{ system: PLACE_SYSTEM, code: placeCode }] };
  return (invoice.lineItem ?? []).map((line) => {
    const item = items.find(({ id }) => idOf(line.chargeItemReference, 'ChargeItem') === id);
    if (item === undefined) throw new ClaimFault(`The charge of line ${line.sequence} is gone.`);
    const { occurrenceDateTime, occurrencePeriod, quantity } = item;
    return {
      sequence: line.sequence!,
      productOrService: item.code,
      ...(occurrenceDateTime && { servicedDate: occurrenceDateTime.slice(0, 10) }),
      ...(occurrencePeriod && { servicedPeriod: occurrencePeriod }),
      ...(quantity && { quantity }),
      net: moneyOf(linePrice(line)),
      ...(place && { locationCodeableConcept: place }),
      encounter: [encounter],
    };
  });
}

/** What the visit found, as codes: who pays does not read the record. */
async function diagnosesOf(medplum: MedplumClient, { diagnosis = [] }: Encounter): Promise<ClaimDiagnosis[]> {
  const ids = diagnosis.flatMap(({ condition }) => idOf(condition, 'Condition') ?? []);
  if (ids.length === 0) return [];
  const conditions = await medplum.searchResources('Condition', `_id=${ids.join(',')}&_count=${ids.length}`);
  return ids
    .flatMap((id) => conditions.find((condition) => condition.id === id)?.code ?? [])
    .map((code, index) => ({ sequence: index + 1, diagnosisCodeableConcept: code }));
}

const CARING = /^(Practitioner|PractitionerRole|Organization)\//;

function careTeamOf(items: readonly ChargeItem[]): ClaimCareTeam[] {
  const references = items.flatMap(({ performer = [] }) =>
    performer.map(({ actor }) => actor.reference ?? ''),
  );
  return [...new Set(references)]
    .filter((reference) => CARING.test(reference))
    .map((reference, index) => ({
      sequence: index + 1,
      provider: { reference },
      ...(index === 0 && { responsible: true }),
    }));
}
