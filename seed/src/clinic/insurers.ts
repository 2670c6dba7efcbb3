import type { InsurancePlan, Organization, Reference, Resource } from '@medplum/fhirtypes';
import { concept, hl7 } from '../kit/concept.ts';
import { refer } from '../kit/bundle.ts';
import { email, houseIdentifier, phone } from '../kit/identify.ts';
import { address, PHOENIX } from '../kit/place.ts';

/** An insurance and what it pays. Figures are invented. */
export interface Insurer {
  key: string;
  name: string;
  plan: string;
  /** Share of the price that it pays. */
  share: number;
  /** What the patient pays of each visit, in cents. */
  copayCents: number;
}

export const INSURERS: readonly Insurer[] = [
  { key: 'saguaro', name: 'Saguaro Health Plan', plan: 'Saguaro Open Access', share: 0.8, copayCents: 25_00 },
  { key: 'mesa', name: 'Desert Mesa Mutual', plan: 'Mesa Family', share: 0.7, copayCents: 15_50 },
];
/** From the age of 65 on. */
export const SENIORS: Insurer = {
  key: 'seniors',
  name: 'Golden Years Senior Insurance',
  plan: 'Golden Years Complete',
  share: 0.85,
  copayCents: 10_00,
};

export const insurer = (one: Insurer): Reference<Organization> =>
  refer('Organization', `demo-insurer-${one.key}`, one.name);

/** Organization and InsurancePlan of every insurer. */
export function insurers(): Resource[] {
  return [...INSURERS, SENIORS].flatMap((one, index) => [organizationOf(one, index), planOf(one)]);
}

function organizationOf(one: Insurer, index: number): Organization {
  return {
    resourceType: 'Organization',
    id: `demo-insurer-${one.key}`,
    identifier: [houseIdentifier('payer', `PAYER-${index + 1}`)],
    active: true,
    type: [concept(hl7('organization-type', 'ins', 'Insurance Company'))],
    name: one.name,
    telecom: [phone(40 + index, 'work', '480'), email('claims', `${one.key}.example`, 'work')],
    address: [address(PHOENIX, `${2000 + index * 10} West Ironwood Drive`)],
  };
}

function planOf(one: Insurer): InsurancePlan {
  return {
    resourceType: 'InsurancePlan',
    id: `demo-plan-${one.key}`,
    identifier: [houseIdentifier('plan', one.key.toUpperCase())],
    status: 'active',
    name: one.plan,
    period: { start: '2020-01-01' },
    ownedBy: insurer(one),
    administeredBy: insurer(one),
  };
}
