import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessContext } from '../../../src/access/context.ts';
import { about, ADA, inRole, made, may, openRoles, PARAMEDIC } from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openRoles();
});

const PROFILES = 'https://maxray.example/fhir/StructureDefinition/';
const SERVICE = 'https://maxray.example/fhir/CodeSystem/maxray-service';
const EMERGENCY = { coding: [{ system: SERVICE, code: 'emergency-response' }] };
const IMAGING = { coding: [{ system: 'http://snomed.info/sct', code: '363679005' }] };
const AMBULANCE = { reference: 'Organization/ambulance' };

/** A call for help by Ada, as maxray-emergency-request has it. */
const call = (more: Record<string, unknown> = {}) =>
  made('ServiceRequest', {
    meta: { profile: [`${PROFILES}maxray-emergency-request`] },
    status: 'active',
    intent: 'order',
    priority: 'stat',
    category: [EMERGENCY],
    subject: about('ada'),
    requester: about('ada'),
    performer: [AMBULANCE],
    reasonCode: [{ text: 'Fall on the stairs' }],
    ...more,
  });

describe('a patient', () => {
  const ada = () => inRole(context, 'PATIENT', ADA);

  test('calls for help, for oneself and in the own name', () => {
    expect(may(ada(), 'create', call())).toBe(true);
    expect(ada().violated('ServiceRequest', undefined, call())).toEqual([]);
    expect(may(ada(), 'create', call({ subject: about('bob') }))).toBe(false);
    expect(may(ada(), 'create', call({ requester: { reference: 'Practitioner/okafor' } }))).toBe(false);
  });

  test('calls in the name of a relative who acts for the patient', () => {
    const profile = 'RelatedPerson/daughter';
    const daughter = inRole(context, 'PATIENT', { profile, patient: 'Patient/ada' });
    expect(may(daughter, 'create', call({ requester: { reference: profile } }))).toBe(true);
  });

  test.each<[string, Record<string, unknown>]>([
    ['an X-ray', { category: [EMERGENCY, IMAGING] }],
    ['an X-ray, in the same words', { category: [{ coding: [...EMERGENCY.coding, ...IMAGING.coding] }] }],
    ['an X-ray, by its profile', { meta: { profile: [`${PROFILES}maxray-xray-order`] } }],
    ['a specimen', { specimen: [{ reference: 'Specimen/1' }] }],
    ['what can wait', { priority: 'routine' }],
    ['what is over', { status: 'completed' }],
  ])('orders nothing by it: %s', (_, more) => {
    expect(ada().violated('ServiceRequest', undefined, call(more))).toHaveLength(1);
  });

  test('gives no other orders', () => {
    expect(may(ada(), 'create', call({ category: [IMAGING] }))).toBe(false);
  });

  test('withdraws a call that is open, and changes nothing of it', () => {
    const withdrawn = call({ status: 'revoked' });
    expect(may(ada(), 'update', call())).toBe(true);
    expect(ada().violated('ServiceRequest', call(), withdrawn)).toEqual([]);
    expect(ada().checkWrite('ServiceRequest', call(), withdrawn).refused).toEqual([]);
    const elsewhere = call({ locationReference: [{ reference: 'Location/2' }] });
    expect(ada().checkWrite('ServiceRequest', call(), elsewhere).refused).toEqual([
      'ServiceRequest.locationReference',
    ]);
    expect(ada().violated('ServiceRequest', withdrawn, call())).toHaveLength(1);
    expect(ada().violated('ServiceRequest', call({ status: 'completed' }), withdrawn)).toHaveLength(1);
  });
});

describe('a paramedic', () => {
  const organizations = [AMBULANCE.reference];
  const ramirez = () => inRole(context, 'PARAMEDIC', { ...PARAMEDIC, organizations });

  test('reads calls to the own organisation that are open or were withdrawn, and changes none', () => {
    for (const status of ['active', 'revoked']) expect(may(ramirez(), 'read', call({ status }))).toBe(true);
    expect(may(ramirez(), 'update', call())).not.toBe(true);
    expect(may(ramirez(), 'read', call({ status: 'completed' }))).not.toBe(true);
    expect(may(ramirez(), 'read', call({ category: [IMAGING] }))).not.toBe(true);
    expect(may(ramirez(), 'read', call({ performer: [{ reference: 'Organization/other' }] }))).not.toBe(true);
  });
});

describe('homes of patients', () => {
  const ROLE_CODE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
  const home = made('Location', { type: [{ coding: [{ system: ROLE_CODE, code: 'PTRES' }] }] });
  const ward = made('Location', { type: [{ coding: [{ system: ROLE_CODE, code: 'HU' }] }] });
  const plain = made('Location', {});

  test.each(['PATIENT', 'PHARMACIST', 'LAB_TECHNICIAN', 'BILLING'])('are not shown to %s', (role) => {
    const access = inRole(context, role, { ...ADA, organizations: ['Organization/clinic'] });
    expect(may(access, 'read', home)).not.toBe(true);
    for (const place of [ward, plain]) expect(may(access, 'read', place)).toBe(true);
  });

  test.each(['PARAMEDIC', 'DOCTOR', 'NURSE', 'RADIOGRAPHER'])('are shown to who goes there: %s', (role) => {
    expect(may(inRole(context, role, PARAMEDIC), 'read', home)).toBe(true);
  });
});
