import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessContext } from '../../../src/access/context.ts';
import {
  ALL,
  inRole,
  INSURER,
  LABORATORY,
  made,
  may,
  NURSE,
  openRoles,
  PHARMACIST,
  ways,
  WRITING,
} from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openRoles();
});

describe('a pharmacist', () => {
  const nguyen = () => inRole(context, 'PHARMACIST', PHARMACIST);
  const sentTo = (pharmacy: string) =>
    made('MedicationRequest', {
      status: 'active',
      dosageInstruction: [{ text: 'one' }],
      dispenseRequest: { performer: { reference: pharmacy } },
    });

  test('sees prescriptions that are sent to the pharmacy', () => {
    expect(may(nguyen(), 'read', sentTo('Organization/pharmacy'))).toBe(true);
    expect(may(nguyen(), 'read', sentTo('Organization/other'))).toBe(false);
    expect(nguyen().condition('MedicationRequest', 'create')).toBe(false);
  });

  test('completes them, and changes no dose', () => {
    const before = sentTo('Organization/pharmacy');
    const refused = (change: Record<string, unknown>) =>
      nguyen().checkWrite('MedicationRequest', before, { ...before, ...change }).refused;
    expect(refused({ status: 'completed' })).toEqual([]);
    expect(refused({ dosageInstruction: [{ text: 'two' }] })).toEqual([
      'MedicationRequest.dosageInstruction',
    ]);
  });
});

describe('a laboratory', () => {
  const laboratory = () => inRole(context, 'LAB_TECHNICIAN', LABORATORY);
  const result = (by: string) => made('Observation', { status: 'final', performer: [{ reference: by }] });

  test('enters its own results', () => {
    expect(may(laboratory(), 'create', result('Organization/laboratory'))).toBe(true);
    expect(may(laboratory(), 'create', result('Organization/other'))).toBe(false);
    expect(may(laboratory(), 'read', result('Organization/other'))).toBe(false);
  });

  test('sees of a patient what a specimen needs', () => {
    const ada = made('Patient', {
      name: [{ family: 'Winter' }],
      birthDate: '1980',
      telecom: [{ value: '1' }],
    });
    expect(laboratory().shown('Patient', ada)).toEqual(
      made('Patient', { name: [{ family: 'Winter' }], birthDate: '1980' }),
    );
    const [phone] = context.definitions.searchParameters('Patient').filter(({ code }) => code === 'phone');
    expect(
      laboratory().hiddenParameter('Patient', { kind: 'token', parameter: phone!, tokens: [{ code: '1' }] }),
    ).toEqual({ type: 'Patient', code: 'phone' });
  });
});

test('a radiographer takes images on orders, and orders none', () => {
  const radiographer = inRole(context, 'RADIOGRAPHER', {
    ...NURSE,
    organizations: ['Organization/radiology'],
  });
  const ordered = (from: string) => made('ServiceRequest', { performer: [{ reference: from }] });
  expect(may(radiographer, 'read', ordered('Organization/radiology'))).toBe(true);
  expect(may(radiographer, 'read', ordered('Practitioner/nurse'))).toBe(true);
  expect(may(radiographer, 'read', ordered('Organization/other'))).toBe(false);
  expect(radiographer.condition('ServiceRequest', 'create')).toBe(false);
  expect(ways(radiographer.condition('ImagingStudy', 'create'))).toEqual([
    'basedon.performer=Practitioner/nurse',
    'basedon.performer=Organization/radiology',
    'performer=Practitioner/nurse',
  ]);
});

test('billing sees that a visit was, not why', () => {
  const billing = inRole(context, 'BILLING', NURSE);
  const visit = made('Encounter', { status: 'finished', reasonCode: [{ text: 'cough' }], diagnosis: [{}] });
  expect(billing.shown('Encounter', visit)).toEqual(made('Encounter', { status: 'finished' }));
  for (const type of ['Observation', 'Condition', 'DiagnosticReport', 'MedicationRequest', 'ImagingStudy']) {
    for (const one of ALL) expect(billing.condition(type, one)).toBe(false);
  }
  for (const one of WRITING) expect(billing.condition('ClaimResponse', one)).toBe(false);
});

describe('an insurer', () => {
  const saguaro = () => inRole(context, 'INSURANCE_PROVIDER', INSURER);

  test.each([
    ['Coverage', (to: string) => ({ payor: [{ reference: to }] })],
    ['Claim', (to: string) => ({ insurer: { reference: to } })],
    ['CoverageEligibilityRequest', (to: string) => ({ insurer: { reference: to } })],
    ['ClaimResponse', (to: string) => ({ insurer: { reference: to } })],
  ])('sees each %s that is addressed to it', (type, addressed) => {
    expect(may(saguaro(), 'read', made(type, addressed('Organization/saguaro')))).toBe(true);
    expect(may(saguaro(), 'read', made(type, addressed('Organization/other')))).toBe(false);
  });

  test('writes answers in the own name, and changes no claim', () => {
    const answer = (by: string) => made('ClaimResponse', { insurer: { reference: by } });
    expect(may(saguaro(), 'create', answer('Organization/saguaro'))).toBe(true);
    expect(may(saguaro(), 'create', answer('Organization/other'))).toBe(false);
    for (const one of WRITING) expect(saguaro().condition('Claim', one)).toBe(false);
  });

  test('sees nothing of the record', () => {
    for (const type of ['Observation', 'Condition', 'DiagnosticReport', 'Encounter', 'ImagingStudy']) {
      for (const one of ALL) expect(saguaro().condition(type, one)).toBe(false);
    }
  });
});
