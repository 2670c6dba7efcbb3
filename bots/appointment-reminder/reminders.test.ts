import { describe, expect, test } from '@jest/globals';
import type { Appointment, Patient } from '@medplum/fhirtypes';
import { appointmentReminders } from './reminders.ts';

const HOUR_MS = 3_600_000;
const START = '2026-01-05T13:30:00Z';
const settings = {
  hoursBefore: [24, 2],
  timeZone: 'Europe/Zurich',
  nowMs: Date.parse('2026-01-01T00:00:00Z'),
};

const appointment = (changes: Partial<Appointment> = {}): Appointment & { id: string } => ({
  resourceType: 'Appointment',
  id: 'a1',
  status: 'booked',
  start: START,
  reasonCode: [{ text: 'Suspected fracture' }],
  participant: [
    { actor: { reference: 'Patient/p1' }, status: 'accepted' },
    { actor: { reference: 'Practitioner/d1' }, status: 'accepted' },
  ],
  ...changes,
});

const patient = (changes: Partial<Patient> = {}): Patient & { id: string } => ({
  resourceType: 'Patient',
  id: 'p1',
  telecom: [
    { system: 'phone', use: 'home', value: '+41 44 000 00 00' },
    { system: 'email', value: 'p1@maxray.example' },
  ],
  ...changes,
});

describe('appointment-reminder', () => {
  test('makes one reminder for each lead time, with no clinical information in it', () => {
    const reminders = appointmentReminders(appointment(), [patient()], settings);
    expect(reminders.map(({ occurrenceDateTime }) => occurrenceDateTime)).toEqual([
      '2026-01-04T13:30:00.000Z',
      '2026-01-05T11:30:00.000Z',
    ]);
    expect(reminders[0]).toMatchObject({
      resourceType: 'CommunicationRequest',
      status: 'active',
      identifier: [{ value: 'a1/p1/2026-01-05T13:30:00.000Z/PT24H' }],
      subject: { reference: 'Patient/p1' },
      about: [{ reference: 'Appointment/a1' }],
      medium: [{ coding: [{ code: 'EMAILWRIT' }] }],
    });
    expect(reminders[0]?.payload?.[0]?.contentString).toMatch(/Monday.*5 January 2026.*14:30/);
    expect(JSON.stringify(reminders)).not.toContain('fracture');
  });

  test('has the same keys when the event comes twice, and others when the appointment is moved', () => {
    const keys = (start: string) =>
      appointmentReminders(appointment({ start }), [patient()], settings).map((each) => each.identifier);
    expect(keys(START)).toEqual(keys('2026-01-05T14:30:00+01:00'));
    expect(keys('2026-01-06T13:30:00Z')).not.toEqual(keys(START));
  });

  test('leaves out what would lie in the past', () => {
    const nowMs = Date.parse(START) - 3 * HOUR_MS;
    expect(appointmentReminders(appointment(), [patient()], { ...settings, nowMs })).toHaveLength(1);
  });

  test.each<[string, Appointment & { id: string }, Patient & { id: string }]>([
    ['a cancelled appointment', appointment({ status: 'cancelled' }), patient()],
    ['an appointment without a start', appointment({ start: undefined }), patient()],
    ['somebody who does not take part', appointment({ participant: [] }), patient()],
    [
      'somebody who declined',
      appointment({ participant: [{ actor: { reference: 'Patient/p1' }, status: 'declined' }] }),
      patient(),
    ],
    ['an inactive record', appointment(), patient({ active: false })],
    ['somebody who died', appointment(), patient({ deceasedDateTime: '2025-12-31' })],
  ])('reminds nobody of %s', (_, about, whom) => {
    expect(appointmentReminders(about, [whom], settings)).toEqual([]);
  });

  test('puts the reminder of somebody who cannot be reached in writing on hold, with the reason', () => {
    const telecom = [{ system: 'phone' as const, use: 'home' as const, value: '+41 44 000 00 00' }];
    const [reminder] = appointmentReminders(appointment(), [patient({ telecom })], settings);
    expect(reminder).toMatchObject({
      status: 'on-hold',
      statusReason: { text: expect.stringContaining('neither') },
    });
    expect(reminder?.medium).toBeUndefined();
  });
});
