import type { Appointment, Patient, Practitioner, Resource } from '@medplum/fhirtypes';
import { PREFERENCE_EXTENSION, QUIET_HOURS_EXTENSION } from '../../lib/notify/codes.ts';
import { TIME_ZONE_EXTENSION } from '../../lib/person/timeZone.ts';
import type { BotWorkshop } from '../support/workshop.ts';

export type Stored<T extends Resource> = T & { id: string };

/** No quiet hours: what is tested does not depend on the time of day. */
export const WAKEFUL = {
  url: QUIET_HOURS_EXTENSION,
  extension: [
    { url: 'start', valueTime: '00:00:00' },
    { url: 'end', valueTime: '00:00:00' },
  ],
};

export const prefers = (channels: string[], kinds: string[] = []) => ({
  url: PREFERENCE_EXTENSION,
  extension: [
    ...kinds.map((valueCode) => ({ url: 'kind', valueCode })),
    ...channels.map((valueCode) => ({ url: 'channel', valueCode })),
  ],
});

export const timeZone = (valueCode: string) => ({ url: TIME_ZONE_EXTENSION, valueCode });

export const ADA: Stored<Patient> = {
  resourceType: 'Patient',
  id: 'ada',
  active: true,
  extension: [WAKEFUL, timeZone('Europe/Berlin')],
  name: [{ family: 'Winter', given: ['Ada'] }],
  telecom: [
    { system: 'phone', use: 'mobile', value: '+49 170 0000001' },
    { system: 'email', value: 'ada@patients.example' },
  ],
  communication: [
    { language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }] } },
    { language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'de-CH' }] }, preferred: true },
  ],
};

export const DOCTOR: Stored<Practitioner> = {
  resourceType: 'Practitioner',
  id: 'okafor',
  active: true,
  extension: [WAKEFUL],
  telecom: [{ system: 'email', value: 'okafor@clinic.example' }],
  communication: [{ coding: [{ system: 'urn:ietf:bcp:47', code: 'fr' }] }],
};

/** An appointment of Ada's with the doctor. */
export const appointment = (changes: Partial<Appointment> = {}): Stored<Appointment> => ({
  resourceType: 'Appointment',
  id: 'visit',
  status: 'booked',
  start: '2031-01-15T13:30:00Z',
  end: '2031-01-15T14:00:00Z',
  reasonCode: [{ text: 'Suspected fracture' }],
  participant: [
    { actor: { reference: 'Patient/ada' }, status: 'accepted' },
    { actor: { reference: 'Practitioner/okafor' }, status: 'accepted' },
    { actor: { reference: 'Location/room' }, status: 'accepted' },
  ],
  ...changes,
});

/** Ada withholds her record from research, which is no concern of who tells her something. */
const AGAINST_RESEARCH = {
  resourceType: 'Consent',
  id: 'against-research',
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: 'Patient/ada' },
  policy: [{ uri: 'https://maxray.example/fhir/policy/privacy' }],
  provision: {
    type: 'deny',
    purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HRESCH' }],
  },
};

/** Those who are there in every test. */
export async function prepareWorld(workshop: BotWorkshop): Promise<void> {
  await workshop.put(ADA);
  await workshop.put(AGAINST_RESEARCH as never);
  await workshop.put(DOCTOR);
  await workshop.put({
    resourceType: 'Location',
    id: 'room',
    name: 'Fracture clinic',
    extension: [timeZone('America/Phoenix')],
  } as never);
}
