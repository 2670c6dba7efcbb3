import type { Identifier } from '@medplum/fhirtypes';
import { createHash } from 'node:crypto';

const SID = 'https://maxray.example/fhir/sid';

/** Systems of the identifiers by which billing finds again what it has made: one result of one event, however often it comes. */
export const SYSTEMS = {
  account: `${SID}/billing-account`,
  /** What was charged of what was done: one for each service and code. */
  charge: `${SID}/charge`,
  /** The service that was charged, as `Encounter/1`: the same in all its ChargeItems. */
  charged: `${SID}/charged-service`,
  /** Number of a bill, in all that belongs to it: Invoice, eligibility requests, Claims, benefits, payments. */
  bill: `${SID}/bill`,
  invoice: `${SID}/invoice`,
  eligibility: `${SID}/eligibility-request`,
  eligibilityResponse: `${SID}/eligibility-response`,
  claim: `${SID}/claim`,
  claimResponse: `${SID}/claim-response`,
  benefit: `${SID}/benefit`,
  payment: `${SID}/payment`,
  paymentNotice: `${SID}/payment-notice`,
  task: `${SID}/billing-task`,
} as const;

export type SystemName = keyof typeof SYSTEMS;

/** Without letters and digits that are taken for each other (Crockford). */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const NUMBER_LENGTH = 12;

/** A number derived from texts: the same for the same texts; 60 bits, so that no two of a clinic meet. */
export function derivedNumber(...texts: string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest();
  return [...digest.subarray(0, NUMBER_LENGTH)].map((byte) => DIGITS[byte % DIGITS.length]).join('');
}

/** Of the nth claim of a bill: at most 20 characters, which insurers must give back unchanged (X12 837, CLM01). */
export const claimNumber = (bill: string, nth: number): string => `${bill}-${nth}`;

export const identifier = (name: SystemName, value: string): Identifier => ({ system: SYSTEMS[name], value });

/** A search for it. */
export const byIdentifier = (name: SystemName, value: string): string =>
  `identifier=${encodeURIComponent(`${SYSTEMS[name]}|${value}`)}`;

/** What a resource is called in a system of ours. */
export function identifierValue(
  resource: { identifier?: Identifier[] | Identifier },
  name: SystemName,
): string | undefined {
  const { identifier: own = [] } = resource;
  return [own].flat().find(({ system }) => system === SYSTEMS[name])?.value;
}
