import type { Claim, ClaimResponse, Coverage, ExplanationOfBenefit, Reference } from '@medplum/fhirtypes';
import { insurer } from '../clinic/insurers.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { practitioner } from '../clinic/staff.ts';
import { concept, hl7 } from '../kit/concept.ts';
import { money } from '../kit/decimal.ts';
import { houseIdentifier } from '../kit/identify.ts';
import { claiming } from '../kit/maxray.ts';
import { DAY_MS, day, instant } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';
import type { Line } from './amounts.ts';
import { benefit, price, sum } from './amounts.ts';

const PROFESSIONAL = concept(hl7('claim-type', 'professional', 'Professional'));
/** Days from the visit to the claim, and from there to the insurance's decision. */
export const CLAIM_DAYS = 2;
export const DECISION_DAYS = 9;

/** What the insurance was asked and what it answered. */
export interface Settled {
  claim: Reference<Claim>;
  response: Reference<ClaimResponse>;
  decidedMs: number;
}

const adjudicated = (code: string, display: string, cents: number) => ({
  category: concept(hl7('adjudication', code, display)),
  amount: money(cents),
});

const adjudication = (line: Line) => [
  adjudicated('submitted', 'Submitted Amount', line.charge.cents),
  ...(line.copayCents > 0 ? [adjudicated('copay', 'CoPay', line.copayCents)] : []),
  adjudicated('benefit', 'Benefit Amount', line.benefitCents),
];

const totals = (lines: readonly Line[]) => [
  adjudicated('submitted', 'Submitted Amount', sum(lines, price)),
  adjudicated('benefit', 'Benefit Amount', sum(lines, benefit)),
];

/** Claim, the insurance's response and its explanation to the patient, for one visit. */
export function settle(
  story: Story,
  visit: Visit,
  covered: Reference<Coverage>,
  lines: readonly Line[],
): Settled {
  const claim = story.add(claimOf(story, visit, covered, lines));
  const decidedMs = visit.endMs + (CLAIM_DAYS + DECISION_DAYS) * DAY_MS;
  const answer = {
    status: 'active' as const,
    type: PROFESSIONAL,
    use: 'claim' as const,
    patient: story.subject,
    created: instant(decidedMs),
    insurer: insurer(story.person.insurer),
    outcome: 'complete' as const,
    disposition: 'Settled as agreed.',
    total: totals(lines),
    payment: {
      type: concept(hl7('ex-paymenttype', 'complete', 'Complete')),
      date: day(decidedMs),
      amount: money(sum(lines, benefit)),
    },
  };
  const response = story.add<ClaimResponse>({
    ...answer,
    resourceType: 'ClaimResponse',
    id: story.id('claim-response'),
    requestor: ORGANIZATION.clinic,
    request: claim,
    item: lines.map((line, index) => ({ itemSequence: index + 1, adjudication: adjudication(line) })),
  });
  story.add<ExplanationOfBenefit>({
    ...answer,
    resourceType: 'ExplanationOfBenefit',
    id: story.id('benefit'),
    billablePeriod: { start: day(visit.startMs), end: day(visit.endMs) },
    provider: ORGANIZATION.clinic,
    claim,
    claimResponse: response,
    insurance: [{ focal: true, coverage: covered }],
    item: lines.map((line, index) => ({
      sequence: index + 1,
      productOrService: concept(line.charge.code),
      servicedDate: day(visit.startMs),
      net: money(line.charge.cents),
      encounter: [visit.encounter],
      adjudication: adjudication(line),
    })),
  });
  return { claim, response, decidedMs };
}

function claimOf(story: Story, visit: Visit, covered: Reference<Coverage>, lines: readonly Line[]): Claim {
  const number = story.id('claim');
  return {
    resourceType: 'Claim',
    id: number,
    meta: claiming('claim'),
    identifier: [houseIdentifier('claim', number.toUpperCase())],
    status: 'active',
    type: PROFESSIONAL,
    use: 'claim',
    patient: story.subject,
    billablePeriod: { start: day(visit.startMs), end: day(visit.endMs) },
    created: instant(visit.endMs + CLAIM_DAYS * DAY_MS),
    insurer: insurer(story.person.insurer),
    provider: ORGANIZATION.clinic,
    priority: concept(hl7('processpriority', 'normal', 'Normal')),
    payee: { type: concept(hl7('payeetype', 'provider', 'Provider')) },
    careTeam: [{ sequence: 1, provider: practitioner(visit.doctor), responsible: true }],
    insurance: [{ sequence: 1, focal: true, coverage: covered }],
    item: lines.map(({ charge }, index) => ({
      sequence: index + 1,
      careTeamSequence: [1],
      productOrService: concept(charge.code),
      servicedDate: day(visit.startMs),
      quantity: { value: 1 },
      unitPrice: money(charge.cents),
      net: money(charge.cents),
      encounter: [visit.encounter],
    })),
    total: money(sum(lines, price)),
  };
}
