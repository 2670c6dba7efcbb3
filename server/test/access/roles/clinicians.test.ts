import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessContext } from '../../../src/access/context.ts';
import {
  about,
  ALL,
  DOCTOR,
  inRole,
  made,
  may,
  NURSE,
  openRoles,
  PARAMEDIC,
  ways,
  WRITING,
} from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openRoles();
});

describe('a doctor', () => {
  const okafor = () => inRole(context, 'DOCTOR', DOCTOR);
  const OWN = [
    '_has:Encounter:patient:participant=Practitioner/okafor',
    '_has:CareTeam:patient:participant=Practitioner/okafor',
    '_has:Appointment:patient:actor=Practitioner/okafor',
    'general-practitioner=Practitioner/okafor',
  ];

  test('sees the patients of own encounters, care teams and appointments, and those who chose the doctor', () => {
    expect(ways(okafor().condition('Patient', 'search'))).toEqual(OWN);
    const chosen = made('Patient', { generalPractitioner: [{ reference: 'Practitioner/okafor' }] });
    expect(may(okafor(), 'read', chosen)).toBe(true);
    expect(may(okafor(), 'read', made('Patient', {}))).toBeUndefined();
  });

  test.each(['Observation', 'Condition', 'MedicationRequest', 'ServiceRequest', 'DiagnosticReport'])(
    'reads and writes their %s, of all of the record',
    (type) => {
      for (const one of ['search', 'read', 'create', 'update'] as const) {
        expect(ways(okafor().condition(type, one))).toEqual(OWN.map((way) => `patient.${way}`));
      }
    },
  );

  test('orders in the own name, and does not overwrite what is final', () => {
    const ordered = (by: string) => made('MedicationRequest', { requester: { reference: by } });
    expect(okafor().violated('MedicationRequest', undefined, ordered('Practitioner/okafor'))).toEqual([]);
    expect(okafor().violated('MedicationRequest', undefined, ordered('Practitioner/other'))).toHaveLength(1);
    const result = (status: string) => made('Observation', { status });
    expect(okafor().violated('Observation', result('final'), result('final'))).toHaveLength(1);
    expect(okafor().violated('Observation', result('final'), result('amended'))).toEqual([]);
    expect(okafor().violated('Observation', result('preliminary'), result('final'))).toEqual([]);
    expect(okafor().violated('Observation', undefined, result('final'))).toEqual([]);
  });

  test('opens no record to oneself: not by an encounter, nor by an appointment', () => {
    const encounter = made('Encounter', {
      subject: about('ada'),
      participant: [{ individual: { reference: 'Practitioner/okafor' } }],
    });
    // Whether the patient is the doctor's own already takes the database.
    expect(may(okafor(), 'create', encounter)).toBeUndefined();
    expect(may(okafor(), 'create', { ...encounter, participant: [] })).toBe(false);
    expect(may(okafor(), 'update', encounter)).toBe(true);
    expect(
      okafor().checkWrite('Encounter', encounter, { ...encounter, subject: about('bob') }).refused,
    ).toEqual(['Encounter.subject']);
    const appointment = (...actors: string[]) =>
      made('Appointment', { participant: actors.map((reference) => ({ actor: { reference } })) });
    const own = appointment('Practitioner/okafor', 'Patient/ada');
    expect(may(okafor(), 'create', own)).toBeUndefined();
    expect(may(okafor(), 'update', own)).toBe(true);
    expect(okafor().violated('Appointment', own, own)).toEqual([]);
    expect(
      okafor().violated('Appointment', own, appointment('Practitioner/okafor', 'Patient/bob')),
    ).toHaveLength(1);
  });

  test('is billed by others and insured by nobody', () => {
    for (const type of ['Claim', 'Coverage', 'Invoice', 'ExplanationOfBenefit', 'Account']) {
      for (const one of ALL) expect(okafor().condition(type, one)).toBe(false);
    }
  });
});

describe('a nurse', () => {
  const nurse = () => inRole(context, 'NURSE', NURSE);

  test('records observations, and prescribes and diagnoses nothing', () => {
    expect(ways(nurse().condition('Observation', 'create'))).toEqual([
      'patient._has:Encounter:patient:participant=Practitioner/nurse',
      'patient._has:CareTeam:patient:participant=Practitioner/nurse',
    ]);
    for (const type of ['MedicationRequest', 'Condition', 'ServiceRequest', 'DiagnosticReport']) {
      for (const one of WRITING) expect(nurse().condition(type, one)).toBe(false);
      expect(nurse().condition(type, 'read')).not.toBe(false);
    }
  });
});

describe('a paramedic', () => {
  const ramirez = () => inRole(context, 'PARAMEDIC', PARAMEDIC);

  test('reports on own calls only, and does not change what they are about', () => {
    const task = made('Task', {
      owner: { reference: 'Practitioner/ramirez' },
      for: about('ada'),
      status: 'requested',
    });
    expect(may(ramirez(), 'update', task)).toBe(true);
    expect(may(ramirez(), 'read', { ...task, owner: { reference: 'Practitioner/other' } })).toBe(false);
    expect(ramirez().checkWrite('Task', task, { ...task, status: 'completed' }).refused).toEqual([]);
    expect(ramirez().checkWrite('Task', task, { ...task, for: about('bob') }).refused).toEqual(['Task.for']);
  });

  test('sees the patients of calls and encounters', () => {
    expect(ways(ramirez().condition('Patient', 'read'))).toEqual([
      '_has:Task:patient:owner=Practitioner/ramirez',
      '_has:Encounter:patient:participant=Practitioner/ramirez',
    ]);
    expect(ramirez().condition('Patient', 'create')).toBe(false);
  });

  test('moves the own vehicle only', () => {
    const at = (id: string) => made('Location', { id, position: { longitude: 1, latitude: 2 } });
    expect(may(ramirez(), 'update', at('ambulance-1'))).toBe(true);
    expect(may(ramirez(), 'update', at('ambulance-2'))).toBe(false);
    const without = inRole(context, 'PARAMEDIC', { profile: 'Practitioner/ramirez' });
    expect(without.condition('Location', 'update')).toBe(false);
  });
});
