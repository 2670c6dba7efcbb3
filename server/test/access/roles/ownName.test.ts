import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessContext } from '../../../src/access/context.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import {
  about,
  ADA,
  DOCTOR,
  inRole,
  LABORATORY,
  made,
  may,
  NURSE,
  openRoles,
  PARAMEDIC,
  PHARMACIST,
  type Person,
} from './support.ts';

const BASE = 'https://maxray.example/fhir';
const KIND = `${BASE}/CodeSystem/maxray-notification-kind`;
const CHANNEL = `${BASE}/CodeSystem/maxray-notification-channel`;
const to = (reference: string) => ({ reference });
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });

let context: AccessContext;
beforeAll(async () => {
  context = await openRoles();
});

const WRITERS: [string, Person][] = [
  ['PATIENT', ADA],
  ['DOCTOR', DOCTOR],
  ['NURSE', NURSE],
  ['PARAMEDIC', PARAMEDIC],
  ['PHARMACIST', PHARMACIST],
  ['LAB_TECHNICIAN', LABORATORY],
  ['RADIOGRAPHER', NURSE],
  ['BILLING', NURSE],
];

describe.each(WRITERS)('somebody in the role %s', (role, person) => {
  const access = () => inRole(context, role, person);
  const message = made('Communication', {
    status: 'completed',
    sender: to(person.profile),
    recipient: [to('Practitioner/other')],
    category: [concept('http://terminology.hl7.org/CodeSystem/communication-category', 'instruction')],
    medium: [concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', 'ELECTRONIC')],
    identifier: [{ system: 'urn:own', value: '1' }, { value: '2' }],
    extension: [{ url: 'urn:own', valueString: 'x' }],
    payload: [{ contentString: 'How are you?' }],
  });

  test.each<[string, Record<string, unknown>]>([
    ['kind', { category: [concept(KIND, 'message')] }],
    ['kind beside another', { category: [{ coding: [{ code: 'x' }, { system: KIND, code: 'billing' }] }] }],
    ['kind that is not known', { category: [concept(KIND, 'other')] }],
    ['channel', { medium: [concept('urn:own', 'x'), concept(CHANNEL, 'sms')] }],
    [
      'template',
      { extension: [{ url: `${BASE}/StructureDefinition/maxray-notification-template`, extension: [] }] },
    ],
    [
      'time to be sent',
      { extension: [{ url: `${BASE}/StructureDefinition/maxray-notification-window`, valuePeriod: {} }] },
    ],
    ['number', { identifier: [{ system: `${BASE}/notification`, value: 'x' }] }],
    ['number of a gateway', { identifier: [{ system: `${BASE}/gateway-message`, value: 'x' }] }],
    ['profile', { meta: { profile: [`${BASE}/StructureDefinition/maxray-notification|0.1.0`] } }],
  ])('writes messages, but no notice of the clinic’s: by its %s', (_, marks) => {
    const forged = { ...message, ...marks } as Resource;
    expect(may(access(), 'create', message)).toBe(true);
    expect(access().violated('Communication', undefined, message)).toEqual([]);
    expect(access().violated('Communication', undefined, forged)).toHaveLength(1);
    if (role === 'PATIENT') return;
    expect(access().violated('Communication', message, { ...message, status: 'stopped' })).toEqual([]);
    expect(access().violated('Communication', message, forged)).toHaveLength(1);
  });

  test('marks a notice as read, and makes none of a message to oneself', () => {
    const notice = made('Communication', {
      status: 'completed',
      recipient: [to(person.profile)],
      category: [concept(KIND, 'result')],
      medium: [concept(CHANNEL, 'in-app')],
    });
    const read = { ...notice, received: '2026-12-01T10:00:00Z' };
    expect(may(access(), 'update', notice)).toBe(true);
    expect(access().checkWrite('Communication', notice, read).refused).toEqual([]);
    expect(access().violated('Communication', notice, read)).toEqual([]);
    const own = { ...message, recipient: [to(person.profile)] } as Resource;
    const forged = { ...own, status: 'preparation', medium: [concept(CHANNEL, 'in-app')] };
    expect(access().violated('Communication', own, forged)).not.toEqual([]);
    expect(access().violated('Communication', own, { ...forged, sender: undefined })).not.toEqual([]);
  });

  test('registers browsers, and nothing else by the same resource', () => {
    const push = { system: `${BASE}/CodeSystem/maxray-basic`, code: 'push-subscription' };
    const basic = (...coding: object[]) => made('Basic', { code: { coding }, subject: to(person.profile) });
    const both = basic(push, { system: 'urn:own', code: 'other' });
    expect(may(access(), 'create', basic(push))).toBe(true);
    expect(access().violated('Basic', undefined, basic(push))).toEqual([]);
    expect(access().violated('Basic', basic(push), basic(push))).toEqual([]);
    expect(access().violated('Basic', undefined, both)).toHaveLength(1);
    expect(access().violated('Basic', basic(push), both)).toHaveLength(1);
    expect(access().violated('Basic', both, basic(push))).toHaveLength(1);
  });
});

describe('a doctor', () => {
  const okafor = () => inRole(context, 'DOCTOR', DOCTOR);

  test.each([
    ['MedicationRequest', 'requester'],
    ['ServiceRequest', 'requester'],
    ['DeviceRequest', 'requester'],
    ['NutritionOrder', 'orderer'],
  ])('gives a %s in the own name, and leaves others’ in theirs', (type, element) => {
    const by = (reference?: string) =>
      made(type, { ...(reference && { [element]: to(reference) }), subject: about('ada'), status: 'active' });
    const broken = (before: Resource | undefined, after: Resource) => okafor().violated(type, before, after);
    const [own, other, third] = ['okafor', 'other', 'third'].map((id) => by(`Practitioner/${id}`));
    expect(broken(undefined, own!)).toEqual([]);
    expect(broken(other, { ...other!, status: 'completed' })).toEqual([]);
    expect(broken(by(), { ...by(), status: 'completed' })).toEqual([]);
    expect(broken(other, own!)).toEqual([]);
    for (const before of [undefined, own, other, by()]) expect(broken(before, third!)).toHaveLength(1);
    for (const before of [undefined, own, other]) expect(broken(before, by())).toHaveLength(1);
  });

  test('hands over tasks about own patients or nobody, and moves none', () => {
    const task = made('Task', {
      requester: to('Practitioner/okafor'),
      owner: to('Practitioner/ramirez'),
      for: about('ada'),
      focus: to('ServiceRequest/1'),
      status: 'requested',
    });
    const { for: _, ...aboutNobody } = task;
    // Whether the patient is the doctor's own takes the database.
    expect(may(okafor(), 'create', task)).toBeUndefined();
    expect(may(okafor(), 'create', aboutNobody as Resource)).toBe(true);
    expect(okafor().violated('Task', undefined, aboutNobody as Resource)).toEqual([]);
    const named = { ...aboutNobody, for: { identifier: { value: '1' } } } as Resource;
    expect(okafor().violated('Task', undefined, named)).toHaveLength(1);
    const refused = (before: object, change: object) =>
      okafor().checkWrite('Task', before as Resource, { ...before, ...change } as Resource).refused;
    expect(refused(task, { status: 'accepted', owner: to('Practitioner/other') })).toEqual([]);
    expect(refused(task, { for: about('bob') })).toEqual(['Task.for']);
    expect(refused(aboutNobody, { for: about('bob') })).toEqual(['Task.for']);
    expect(refused(task, { focus: to('ServiceRequest/2') })).toEqual(['Task.focus']);
    expect(refused(task, { requester: to('Practitioner/other') })).toEqual(['Task.requester']);
  });
});

describe('what was ordered', () => {
  const refused = (role: string, person: Person, before: Resource, change: Record<string, unknown>) =>
    inRole(context, role, person).checkWrite(before.resourceType, before, { ...before, ...change }).refused;

  test.each<[string, unknown]>([
    ['medicationCodeableConcept', { text: 'other' }],
    ['contained', [{ resourceType: 'Medication', id: 'm' }]],
    ['modifierExtension', [{ url: 'urn:x', valueBoolean: true }]],
    ['subject', about('bob')],
    ['requester', to('Practitioner/nguyen')],
    ['authoredOn', '2026-12-02'],
    ['intent', 'plan'],
    ['priority', 'stat'],
    ['dosageInstruction', [{ text: 'two' }]],
    ['dispenseRequest', { performer: to('Organization/pharmacy'), numberOfRepeatsAllowed: 99 }],
    ['dispenseRequest', { performer: to('Organization/other') }],
    ['substitution', { allowedBoolean: true }],
    ['reasonCode', [{ text: 'other' }]],
    ['basedOn', [to('ServiceRequest/1')]],
  ])('is not changed by the pharmacy: %s', (element, value) => {
    const before = made('MedicationRequest', {
      status: 'active',
      dispenseRequest: { performer: to('Organization/pharmacy'), numberOfRepeatsAllowed: 1 },
    });
    expect(refused('PHARMACIST', PHARMACIST, before, { [element]: value })).toHaveLength(1);
    const done = { status: 'on-hold', statusReason: { text: 'x' }, note: [{ text: 'x' }] };
    expect(refused('PHARMACIST', PHARMACIST, before, done)).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['subject', about('bob')],
    ['code', { text: 'other' }],
    ['requester', to('Practitioner/ramirez')],
    ['authoredOn', '2026-12-02'],
    ['intent', 'plan'],
    ['encounter', to('Encounter/1')],
    ['category', [concept('http://snomed.info/sct', '363679005')]],
  ])('is not changed by the crew: %s', (element, value) => {
    const before = made('ServiceRequest', { status: 'active', performer: [to('Practitioner/ramirez')] });
    expect(refused('PARAMEDIC', PARAMEDIC, before, { [element]: value })).toEqual([
      `ServiceRequest.${element}`,
    ]);
    expect(refused('PARAMEDIC', PARAMEDIC, before, { status: 'completed' })).toEqual([]);
  });

  test('is not changed by the laboratory, nor whose a specimen is', () => {
    const order = made('ServiceRequest', { status: 'active', performer: [to('Organization/laboratory')] });
    const change = { specimen: [to('Specimen/foreign')] };
    expect(refused('LAB_TECHNICIAN', LABORATORY, order, change)).toEqual(['ServiceRequest.specimen']);
    expect(refused('LAB_TECHNICIAN', LABORATORY, order, { status: 'completed' })).toEqual([]);
    for (const collection of [{ collector: to('Practitioner/lab') }, { collector: to('Practitioner/p') }]) {
      const specimen = made('Specimen', { subject: about('ada'), collection });
      const moved = { subject: about('bob') };
      expect(refused('LAB_TECHNICIAN', LABORATORY, specimen, moved)).toEqual(['Specimen.subject']);
      expect(refused('LAB_TECHNICIAN', LABORATORY, specimen, { status: 'unavailable' })).toEqual([]);
    }
    const collected = made('Specimen', {
      collection: { collector: to('Practitioner/lab') },
      subject: about('ada'),
    });
    expect(may(inRole(context, 'LAB_TECHNICIAN', LABORATORY), 'create', collected)).toBe(true);
  });
});

describe('a patient', () => {
  const daughter: Person = { profile: 'RelatedPerson/daughter', patient: 'Patient/ada' };
  const broken = (person: Person, before: Resource | undefined, after: Resource) =>
    inRole(context, 'PATIENT', person).violated(after.resourceType, before, after);

  test('answers for oneself, and changes no answers of others', () => {
    const answers = (author?: object) =>
      made('QuestionnaireResponse', {
        subject: about('ada'),
        status: 'completed',
        ...(author && { author }),
      });
    const [own, open] = [answers(about('ada')), answers()];
    for (const before of [undefined, own, open])
      for (const after of [own, open]) expect(broken(ADA, before, after)).toEqual([]);
    const relatives = answers(to('RelatedPerson/daughter'));
    expect(broken(daughter, undefined, relatives)).toEqual([]);
    expect(broken(daughter, own, { ...own, status: 'amended' })).toEqual([]);
    for (const author of [to('Practitioner/p'), { identifier: { value: '1' } }, { display: 'A doctor' }]) {
      for (const before of [undefined, own, open])
        expect(broken(ADA, before, answers(author))).toHaveLength(1);
      for (const after of [own, open, answers(author)])
        expect(broken(ADA, answers(author), after)).toHaveLength(1);
    }
    expect(broken(ADA, relatives, own)).toHaveLength(1);
    const access = inRole(context, 'PATIENT', ADA);
    expect(may(access, 'read', answers(to('Practitioner/p')))).toBe(true);
  });

  test('measures alone', () => {
    const measured = (...performer: object[]) =>
      made('Observation', { subject: about('ada'), status: 'final', performer });
    const own = measured(about('ada'));
    expect(broken(ADA, undefined, own)).toEqual([]);
    expect(broken(ADA, own, { ...own, status: 'entered-in-error' })).toEqual([]);
    for (const other of [to('Practitioner/p'), { identifier: { value: '1' } }, { display: 'A doctor' }]) {
      const both = measured(other, about('ada'));
      expect(broken(ADA, undefined, both)).toHaveLength(1);
      expect(broken(ADA, own, both)).toHaveLength(1);
      expect(broken(ADA, both, own)).toHaveLength(1);
    }
  });
});
