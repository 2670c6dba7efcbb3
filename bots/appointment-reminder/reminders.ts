import type { Appointment, CommunicationRequest, ContactPoint, Patient } from '@medplum/fhirtypes';
import { reachableContact } from './contact.ts';

const HOUR_MS = 3_600_000;
/** Identifies a reminder, so that the same event delivered twice does not remind twice. */
export const REMINDER_SYSTEM = 'https://maxray.example/fhir/appointment-reminder';
const CATEGORY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/communication-category';
const MEDIUM_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode';
const MEDIUM_CODES = { sms: 'SMSWRIT', email: 'EMAILWRIT' } as const;

export interface ReminderSettings {
  /** Reminders go out so many hours before the appointment starts. */
  hoursBefore: number[];
  /** IANA name of the zone in which the clinic tells times, e.g. `Europe/Zurich`. */
  timeZone: string;
  /** The present, milliseconds since 1970 UTC: reminders that would lie in the past are not made. */
  nowMs: number;
}

/**
 * The reminders that an appointment calls for: one for each of its patients and each of `hoursBefore`. None
 * unless it is booked and has a start. A patient who declined, is inactive or has died gets none; one without
 * e-mail address or mobile number gets a request on hold, so that somebody calls. The text holds no clinical
 * information. Pure: the caller stores the result, with `identifier` as the criterion of a conditional create.
 */
export function appointmentReminders(
  appointment: Appointment & { id: string },
  patients: (Patient & { id: string })[],
  settings: ReminderSettings,
): CommunicationRequest[] {
  const startMs = Date.parse(appointment.start ?? '');
  if (appointment.status !== 'booked' || Number.isNaN(startMs)) return [];
  const dueHours = settings.hoursBefore.filter((hours) => startMs - hours * HOUR_MS > settings.nowMs);
  const attending = patients.filter((patient) => isToBeReminded(appointment, patient));
  return attending.flatMap((patient) =>
    dueHours.map((hours) => reminder(appointment, patient, startMs, hours, settings)),
  );
}

function isToBeReminded(appointment: Appointment, patient: Patient): boolean {
  const participation = appointment.participant.find(
    ({ actor }) => actor?.reference === `Patient/${patient.id}`,
  );
  const isDead = patient.deceasedBoolean === true || patient.deceasedDateTime !== undefined;
  return (
    participation !== undefined && participation.status !== 'declined' && patient.active !== false && !isDead
  );
}

function reminder(
  appointment: Appointment & { id: string },
  patient: Patient & { id: string },
  startMs: number,
  hours: number,
  settings: ReminderSettings,
): CommunicationRequest {
  const subject = { reference: `Patient/${patient.id}` };
  const occurrenceDateTime = new Date(startMs - hours * HOUR_MS).toISOString();
  return {
    resourceType: 'CommunicationRequest',
    identifier: [{ system: REMINDER_SYSTEM, value: reminderKey(appointment, patient, startMs, hours) }],
    category: [{ coding: [{ system: CATEGORY_SYSTEM, code: 'reminder' }] }],
    priority: 'routine',
    subject,
    about: [{ reference: `Appointment/${appointment.id}` }],
    recipient: [subject],
    occurrenceDateTime,
    payload: [{ contentString: `You have an appointment on ${spokenTime(startMs, settings.timeZone)}.` }],
    ...delivery(reachableContact(patient, occurrenceDateTime)),
  };
}

/** The start is part of the key: a rescheduled appointment is reminded of again. */
function reminderKey(appointment: Appointment, patient: Patient, startMs: number, hours: number): string {
  return [appointment.id, patient.id, new Date(startMs).toISOString(), `PT${hours}H`].join('/');
}

function delivery(contact: (ContactPoint & { by: 'sms' | 'email' }) | undefined) {
  if (contact === undefined) {
    return {
      status: 'on-hold' as const,
      statusReason: { text: 'The patient has neither an e-mail address nor a mobile number.' },
    };
  }
  return {
    status: 'active' as const,
    medium: [{ coding: [{ system: MEDIUM_SYSTEM, code: MEDIUM_CODES[contact.by] }] }],
  };
}

/** e.g. `Monday, 5 January 2026 at 14:30 GMT+1`: the zone is told, since patients are elsewhere. */
function spokenTime(timeMs: number, timeZone: string): string {
  const date = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
  const time = { hour: '2-digit', minute: '2-digit', hour12: false, timeZoneName: 'short' } as const;
  return new Intl.DateTimeFormat('en-GB', { ...date, ...time, timeZone }).format(timeMs);
}
