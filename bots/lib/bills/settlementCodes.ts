import type { CodeableConcept, InvoiceLineItemPriceComponent } from '@medplum/fhirtypes';

/** What becomes of an amount when an insurer has decided. */
const SYSTEM = 'https://maxray.example/fhir/CodeSystem/maxray-settlement';
const DISPLAYS = {
  benefit: 'Paid by the insurer',
  'write-off': 'Not to be asked for, by agreement with the insurer',
  'patient-share': 'To be paid by the patient',
} as const;

export type SettlementCode = keyof typeof DISPLAYS;

/** @param text what people read */
export function settlementConcept(code: SettlementCode, text: string = DISPLAYS[code]): CodeableConcept {
  return { coding: [{ system: SYSTEM, code, display: DISPLAYS[code] }], text };
}

export const hasSettlementCode = (concept: CodeableConcept | undefined, asked?: SettlementCode): boolean =>
  concept?.coding?.some(({ system, code }) => system === SYSTEM && (asked === undefined || code === asked)) ??
  false;

/** Is a component of an invoice's line what insurers have taken over or agreed on? */
export const isSettlement = ({ code }: InvoiceLineItemPriceComponent): boolean => hasSettlementCode(code);
