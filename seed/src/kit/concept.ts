import type { CodeableConcept, Coding, Quantity } from '@medplum/fhirtypes';
import { fixed } from './decimal.ts';

export const SYSTEM = {
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  cvx: 'http://hl7.org/fhir/sid/cvx',
  dicom: 'http://dicom.nema.org/resources/ontology/DCM',
  ucum: 'http://unitsofmeasure.org',
  hcpcs: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  language: 'urn:ietf:bcp:47',
  uri: 'urn:ietf:rfc:3986',
} as const;

/** Where HL7's own code systems live. */
const HL7 = 'http://terminology.hl7.org/CodeSystem/';
/** Root of the demo clinic's own identifiers and codes. */
export const HOUSE = 'https://demo.maxray.example/fhir';

export type Code = Required<Pick<Coding, 'system' | 'code' | 'display'>>;

export const snomed = (code: string, display: string): Code => ({ system: SYSTEM.snomed, code, display });
export const loinc = (code: string, display: string): Code => ({ system: SYSTEM.loinc, code, display });
export const rxnorm = (code: string, display: string): Code => ({ system: SYSTEM.rxnorm, code, display });
export const icd10 = (code: string, display: string): Code => ({ system: SYSTEM.icd10, code, display });
export const cvx = (code: string, display: string): Code => ({ system: SYSTEM.cvx, code, display });
export const hcpcs = (code: string, display: string): Code => ({ system: SYSTEM.hcpcs, code, display });
/** A code of an HL7 code system given by its short name, e.g. `v3-ActCode`. */
export const hl7 = (system: string, code: string, display: string): Code => ({
  system: HL7 + system,
  code,
  display,
});
/** A code of the clinic's own. */
export const house = (system: string, code: string, display: string): Code => ({
  system: `${HOUSE}/CodeSystem/${system}`,
  code,
  display,
});

/** A concept with one or more codings; its text is the first one's display. */
export function concept(...codings: [Code, ...Code[]]): CodeableConcept {
  return { coding: codings, text: codings[0].display };
}

/** A concept in words alone. */
export const text = (words: string): CodeableConcept => ({ text: words });

/** A measured value in a UCUM unit; `places` decimal places are kept, trailing zeros included. */
export function quantity(value: number, ucum: string, places = 0, unit: string = ucum): Quantity {
  return { value: fixed(value, places), unit, system: SYSTEM.ucum, code: ucum };
}
