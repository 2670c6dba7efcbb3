import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessContext } from '../../../src/access/context.ts';
import { about, ADA, inRole, made, may, openRoles } from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openRoles();
});

describe('a patient', () => {
  const ada = () => inRole(context, 'PATIENT', ADA);

  test.each([
    ['Condition', { subject: about('ada') }, { subject: about('bob') }],
    ['AllergyIntolerance', { patient: about('ada') }, { patient: about('bob') }],
    ['Encounter', { subject: about('ada') }, { subject: about('bob') }],
    ['MedicationRequest', { subject: about('ada') }, { subject: about('bob') }],
    ['ImagingStudy', { subject: about('ada') }, { subject: about('bob') }],
    ['Coverage', { beneficiary: about('ada') }, { beneficiary: about('bob') }],
    ['Invoice', { status: 'issued', subject: about('ada') }, { status: 'issued', subject: about('bob') }],
    ['Observation', { status: 'final', subject: about('ada') }, { status: 'final', subject: about('bob') }],
    [
      'DiagnosticReport',
      { status: 'final', subject: about('ada') },
      { status: 'final', subject: about('bob') },
    ],
  ])('reads the own %s, and nobody else’s', (type, own, other) => {
    for (const one of ['read', 'search', 'vread', 'history'] as const) {
      expect(may(ada(), one, made(type, own))).toBe(true);
      expect(may(ada(), one, made(type, other))).toBe(false);
    }
  });

  test('is not shown results that are not final nor bills that are not issued, nor changes any', () => {
    expect(may(ada(), 'read', made('Invoice', { status: 'draft', subject: about('ada') }))).toBe(false);
    const preliminary = made('Observation', { status: 'preliminary', subject: about('ada') });
    expect(may(ada(), 'read', preliminary)).toBe(false);
    expect(may(ada(), 'update', made('Observation', { status: 'final', subject: about('ada') }))).toBe(false);
    expect(may(ada(), 'update', made('DiagnosticReport', { status: 'final', subject: about('ada') }))).toBe(
      false,
    );
  });

  test('adds own measurements, for oneself only', () => {
    const measured = made('Observation', {
      status: 'preliminary',
      subject: about('ada'),
      performer: [about('ada')],
    });
    expect(may(ada(), 'create', measured)).toBe(true);
    expect(may(ada(), 'read', measured)).toBe(true);
    expect(may(ada(), 'create', { ...measured, subject: about('bob') })).toBe(false);
    expect(may(ada(), 'create', { ...measured, performer: [{ reference: 'Practitioner/p' }] })).toBe(false);
  });

  test('changes the own address, not who one is', () => {
    const before = made('Patient', { id: 'ada', birthDate: '1980-01-01', name: [{ family: 'Winter' }] });
    const moved = { ...before, address: [{ city: 'Tucson' }] };
    expect(may(ada(), 'update', before)).toBe(true);
    expect(may(ada(), 'update', { ...before, id: 'bob' })).toBe(false);
    expect(ada().checkWrite('Patient', before, moved).refused).toEqual([]);
    expect(ada().checkWrite('Patient', before, { ...moved, birthDate: '1990-01-01' }).refused).toEqual([
      'Patient.birthDate',
    ]);
    expect(may(ada(), 'create', before)).toBe(false);
  });

  test('books for oneself and for nobody else', () => {
    const booked = (...actors: string[]) =>
      made('Appointment', {
        status: 'proposed',
        participant: actors.map((reference) => ({ actor: { reference }, status: 'accepted' })),
      });
    const own = booked('Patient/ada', 'Practitioner/okafor');
    const access = ada();
    expect(may(access, 'create', own)).toBe(true);
    expect(access.violated('Appointment', undefined, own)).toEqual([]);
    expect(may(access, 'create', booked('Patient/bob', 'Practitioner/okafor'))).toBe(false);
    expect(access.violated('Appointment', undefined, booked('Patient/ada', 'Patient/bob'))).toHaveLength(1);
    expect(access.violated('Appointment', undefined, { ...own, status: 'fulfilled' })).toHaveLength(1);
    const cancelled = { ...own, status: 'cancelled' };
    expect(access.violated('Appointment', own, cancelled)).toEqual([]);
    expect(access.checkWrite('Appointment', own, cancelled).refused).toEqual([]);
    expect(access.violated('Appointment', own, booked('Patient/ada', 'Practitioner/other'))).toHaveLength(1);
    const later = { ...own, start: '2027-01-01T09:00:00Z' };
    expect(access.checkWrite('Appointment', own, later).refused).toEqual(['Appointment.start']);
  });

  test('writes messages in the own name', () => {
    const sent = (by: string, to: string) =>
      made('Communication', { sender: { reference: by }, recipient: [{ reference: to }] });
    expect(may(ada(), 'create', sent('Patient/ada', 'Practitioner/okafor'))).toBe(true);
    expect(may(ada(), 'create', sent('Patient/bob', 'Practitioner/okafor'))).toBe(false);
    expect(may(ada(), 'read', sent('Practitioner/okafor', 'Patient/ada'))).toBe(true);
    expect(may(ada(), 'read', sent('Practitioner/okafor', 'Patient/bob'))).toBe(false);
  });

  test.each<[string, Record<string, unknown>, number]>([
    ['about oneself, to those who treat', { subject: about('ada') }, 0],
    ['about nobody named, to oneself', { recipient: [about('ada')] }, 0],
    ['about somebody else', { subject: about('bob') }, 1],
    ['about a group', { subject: { reference: 'Group/1' } }, 1],
    ['to somebody else as well', { recipient: [about('ada'), about('bob')] }, 1],
  ])('writes messages into no other record: %s', (_, more, broken) => {
    const message = made('Communication', {
      sender: about('ada'),
      recipient: [{ reference: 'Practitioner/okafor' }],
      ...more,
    });
    expect(ada().violated('Communication', undefined, message)).toHaveLength(broken);
  });

  test('sees who treats, not where they live', () => {
    const doctor = made('Practitioner', {
      name: [{ family: 'Okafor' }],
      telecom: [{ value: '1' }],
      birthDate: '1970',
    });
    expect(may(ada(), 'read', doctor)).toBe(true);
    expect(ada().shown('Practitioner', doctor)).toEqual(
      made('Practitioner', { name: [{ family: 'Okafor' }] }),
    );
  });

  test('has no say for anybody when the account is nobody’s', () => {
    const nobody = inRole(context, 'PATIENT', { profile: 'Practitioner/p' });
    expect(nobody.condition('Condition', 'read')).toBe(false);
    expect(nobody.condition('Patient', 'read')).toBe(false);
  });

  test('may be acted for by a relative', () => {
    const daughter = inRole(context, 'PATIENT', {
      profile: 'RelatedPerson/daughter',
      patient: 'Patient/ada',
    });
    expect(may(daughter, 'read', made('Condition', { subject: about('ada') }))).toBe(true);
    expect(may(daughter, 'read', made('Condition', { subject: about('bob') }))).toBe(false);
  });

  test('may let an app see a part', () => {
    const app = inRole(context, 'PATIENT', {
      ...ADA,
      scopes: ['patient/Condition.rs'],
      launchPatient: 'ada',
    });
    expect(may(app, 'read', made('Condition', { subject: about('ada') }))).toBe(true);
    expect(app.condition('Coverage', 'read')).toBe(false);
    const other = inRole(context, 'PATIENT', {
      ...ADA,
      scopes: ['patient/Condition.rs'],
      launchPatient: 'bob',
    });
    expect(may(other, 'read', made('Condition', { subject: about('ada') }))).toBe(false);
    expect(may(other, 'read', made('Condition', { subject: about('bob') }))).toBe(false);
  });
});
