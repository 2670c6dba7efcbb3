import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventStatus,
} from 'ical-generator';
import type { Template } from '../lib/notify/template.ts';

/** Names the entries of a calendar; reserved, so that they collide with nobody's. */
const UID_HOST = 'maxray.example';

export interface CalendarEntry {
  method: 'REQUEST' | 'CANCEL';
  /** An iCalendar object (RFC 5545). */
  text: string;
}

/** Whom an entry is from, for and what it says. */
export interface CalendarParts {
  /** What it is about, `Appointment/1`: gives the UID, so that what is moved or cancelled is found in the calendar. */
  about: string;
  summary: string;
  organizer: string;
  attendee: string;
  portal: string | undefined;
}

/**
 * The entry that goes with a mail about an appointment (RFC 5546: REQUEST for a new or moved one, CANCEL). It tells when, not with whom
 * or why. The same appointment has the same UID, each version a higher SEQUENCE, and the same version the same text.
 *
 * @returns undefined where the message is about no appointment
 */
export function calendarEntry({ name, values }: Template, parts: CalendarParts): CalendarEntry | undefined {
  const { start, end, written, sequence } = values;
  if (!name.startsWith('appointment-') || name === 'appointment-reminder') return undefined;
  if (!isTime(start) || typeof sequence !== 'string') return undefined;
  const isCancelled = name === 'appointment-cancelled';
  const method = isCancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.REQUEST;
  const calendar = ical({ method, prodId: { company: 'MaxRay', product: 'MaxRay', language: 'EN' } });
  calendar.createEvent({
    id: `${parts.about.replace('/', '-').toLowerCase()}@${UID_HOST}`,
    sequence: Number(sequence),
    stamp: new Date(isTime(written) ? written.at : start.at),
    start: new Date(start.at),
    end: isTime(end) ? new Date(end.at) : null,
    summary: parts.summary,
    url: parts.portal ?? null,
    status: isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    organizer: { name: 'MaxRay', email: parts.organizer },
    attendees: [
      { email: parts.attendee, role: ICalAttendeeRole.REQ, status: ICalAttendeeStatus.ACCEPTED, rsvp: false },
    ],
  });
  return { method: isCancelled ? 'CANCEL' : 'REQUEST', text: calendar.toString() };
}

const isTime = (value: Template['values'][string] | undefined): value is { at: string } =>
  typeof value === 'object' && 'at' in value;
