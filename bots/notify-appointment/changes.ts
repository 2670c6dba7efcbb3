import type { Appointment } from '@medplum/fhirtypes';
import type { TemplateName } from '../lib/wording/wording.ts';

const GIVEN_UP = new Set<Appointment['status']>(['cancelled', 'entered-in-error']);

/**
 * What people are told of a change of an appointment.
 *
 * @param before the version before; undefined where the appointment is new
 * @returns undefined where it is no business of theirs: what is arranged, on the day itself, or past
 */
export function whatHappened(
  before: Appointment | undefined,
  now: Appointment,
): Extract<TemplateName, `appointment-${string}`> | undefined {
  const startMs = Date.parse(now.start ?? '');
  const writtenMs = Date.parse(now.meta?.lastUpdated ?? '');
  if (Number.isNaN(startMs) || startMs <= writtenMs) return undefined;
  const wasBooked = before?.status === 'booked';
  if (wasBooked && GIVEN_UP.has(now.status)) return 'appointment-cancelled';
  if (now.status !== 'booked') return undefined;
  if (!wasBooked) return 'appointment-booked';
  return Date.parse(before.start ?? '') !== startMs || instant(before.end) !== instant(now.end)
    ? 'appointment-moved'
    : undefined;
}

const instant = (value: string | undefined): number | undefined =>
  value === undefined ? undefined : Date.parse(value);
