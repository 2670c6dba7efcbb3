import type { CodeableConcept } from '@medplum/fhirtypes';

const BASE = 'https://maxray.example/fhir';
const STRUCTURE = `${BASE}/StructureDefinition`;

/** Profile of Communications that tell somebody something (fhir-profiles). */
export const NOTIFICATION_PROFILE = `${STRUCTURE}/maxray-notification`;
/** Identifiers that make telling twice telling once. */
export const NOTIFICATION_SYSTEM = `${BASE}/notification`;
/** Identifiers that a gateway has given to a message. */
export const GATEWAY_MESSAGE_SYSTEM = `${BASE}/gateway-message`;
export const KIND_SYSTEM = `${BASE}/CodeSystem/maxray-notification-kind`;
export const CHANNEL_SYSTEM = `${BASE}/CodeSystem/maxray-notification-channel`;
export const OUTCOME_SYSTEM = `${BASE}/CodeSystem/maxray-notification-outcome`;

export const TEMPLATE_EXTENSION = `${STRUCTURE}/maxray-notification-template`;
export const WINDOW_EXTENSION = `${STRUCTURE}/maxray-notification-window`;
export const PREFERENCE_EXTENSION = `${STRUCTURE}/maxray-notification-preference`;
export const QUIET_HOURS_EXTENSION = `${STRUCTURE}/maxray-quiet-hours`;

/** What somebody is told of; people choose channels by it. */
export const KINDS = [
  'appointment',
  'reminder',
  'emergency',
  'result',
  'study',
  'prescription',
  'billing',
  'message',
] as const;
export type Kind = (typeof KINDS)[number];

/** By what somebody is told. */
export const CHANNELS = ['email', 'sms', 'push', 'in-app'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Why a message did not arrive. */
export type Outcome = 'no-address' | 'not-set-up' | 'expired' | 'superseded' | 'bounced' | 'failed';

export const isKind = (code: string | undefined): code is Kind => KINDS.some((kind) => kind === code);
export const isChannel = (code: string | undefined): code is Channel =>
  CHANNELS.some((channel) => channel === code);

export const concept = (system: string, code: string): CodeableConcept => ({ coding: [{ system, code }] });

/** @returns the code of a system that the first of these concepts has */
export function codeOf(concepts: readonly CodeableConcept[] | undefined, system: string): string | undefined {
  return concepts?.flatMap(({ coding = [] }) => coding).find((one) => one.system === system)?.code;
}
