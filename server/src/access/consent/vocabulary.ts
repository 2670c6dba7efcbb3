import type { CodeableConcept, Coding } from '@medplum/fhirtypes';

/** What is done with a record, as consents tell it apart. To change something is also to see it. */
export type Doing = 'read' | 'create' | 'change';

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
export const SCOPES = `${TERMINOLOGY}/consentscope`;
export const PRIVACY = 'patient-privacy';
export const ACT_CODES = `${TERMINOLOGY}/v3-ActCode`;
export const PURPOSES = `${TERMINOLOGY}/v3-ActReason`;
export const PARTICIPATIONS = `${TERMINOLOGY}/v3-ParticipationType`;
export const CONFIDENTIALITY = `${TERMINOLOGY}/v3-Confidentiality`;
export const ACTIONS = `${TERMINOLOGY}/consentaction`;
export const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
export const PROFILES = 'http://hl7.org/fhir/StructureDefinition';
/** Code of an access in an emergency (v3-ActReason). */
export const BREAK_GLASS = 'BTG';

/** Base policies (Consent.policyRule) by which nothing may be done, but for what is permitted. */
export const OPT_OUT: ReadonlySet<string> = new Set(['OPTOUT', 'OPTOUTE', 'EMRGONLY']);
/** Participations of those who get to see something; of the others (author, custodian, ...) somebody's data are meant. */
export const RECIPIENTS: ReadonlySet<string> = new Set(['PRCP', 'IRCP']);
/** Systems whose codes PractitionerRole.code has. */
export const ROLE_SYSTEMS: ReadonlySet<string> = new Set([
  'https://maxray.example/fhir/CodeSystem/maxray-role',
  `${TERMINOLOGY}/practitioner-role`,
  'http://snomed.info/sct',
]);

/** Actions that a denial of which denies, and that a permission must name to permit. */
export const DENYING: Readonly<Record<Doing, readonly string[]>> = {
  read: ['access', 'use', 'disclose'],
  create: ['collect', 'correct'],
  change: ['correct'],
};
export const PERMITTING: Readonly<Record<Doing, string>> = {
  read: 'access',
  create: 'collect',
  change: 'correct',
};
export const KNOWN_ACTIONS: ReadonlySet<string> = new Set([
  'collect',
  'access',
  'use',
  'disclose',
  'correct',
]);

/** From the least to the most confidential. */
const CONFIDENTIALITIES = ['U', 'L', 'M', 'N', 'R', 'V'];

/** What a label is for a denial (it, and what is more confidential) and for a permission (it, and what is less so). */
export function confidentialities(code: string, towards: 'more' | 'less'): string[] {
  const at = CONFIDENTIALITIES.indexOf(code);
  if (at < 0) return [code];
  return towards === 'more' ? CONFIDENTIALITIES.slice(at) : CONFIDENTIALITIES.slice(0, at + 1);
}

/** What a purpose is a kind of (v3-ActReason), of those that callers may have. */
const BROADER: Readonly<Record<string, readonly string[]>> = {
  BTG: ['ETREAT', 'TREAT'],
  ETREAT: ['TREAT'],
  CAREMGT: ['TREAT'],
  COC: ['TREAT'],
  CLMATTCH: ['HPAYMT'],
  COVERAGE: ['HPAYMT'],
  ELIGDTRM: ['HPAYMT'],
};
export const isPurpose = (code: string, of: ReadonlySet<string>): boolean =>
  of.has(code) || (BROADER[code] ?? []).some((broader) => of.has(broader));

/** Codes of the system in a concept, or in codings. */
export function codesOf(coded: CodeableConcept | readonly Coding[] | undefined, system: string): string[] {
  const codings: readonly Coding[] = coded === undefined ? [] : 'map' in coded ? coded : (coded.coding ?? []);
  return codings.flatMap((one) => (one.system === system && one.code !== undefined ? [one.code] : []));
}
