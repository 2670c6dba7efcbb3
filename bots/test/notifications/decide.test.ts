import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment, Communication } from '@medplum/fhirtypes';
import { noticeResource } from '../../lib/notify/tell.ts';
import { topicUrl } from '../../lib/notify/topics.ts';
import * as ofAppointment from '../../notify-appointment/bot.ts';
import * as ofEmergency from '../../notify-emergency/bot.ts';
import * as ofPrescription from '../../notify-prescription/bot.ts';
import * as ofResult from '../../notify-result/bot.ts';
import * as ofStudy from '../../notify-study/bot.ts';
import { BotWorkshop, type Trial } from '../support/workshop.ts';
import { notices as noticesOf, trial, type BotModule } from './trials.ts';
import { appointment, prepareWorld, type Stored } from './world.ts';

let workshop: BotWorkshop;
beforeAll(async () => {
  workshop = await BotWorkshop.open();
  await prepareWorld(workshop);
});
afterAll(() => workshop.close());

/** An event of a topic about the last of these resources, which are stored once: the same version is told in every run. */
async function told(module: BotModule, topic: string, ...resources: object[]): Promise<Trial> {
  let last: Stored<Appointment> | undefined;
  for (const resource of resources) last = await workshop.put(resource as Stored<Appointment>);
  const event = workshop.events(module.bot).ofTopic(topicUrl(topic), [last!]);
  return trial(module, () => Promise.resolve(event));
}

const notices = (of: Trial): Promise<string[]> => noticesOf(workshop, of);

describe('an appointment', () => {
  test('that is booked is told to who takes part, once, with when and where, and not why', async () => {
    const booked = await told(ofAppointment, 'appointment-booked', appointment());
    expect(await notices(booked)).toEqual([
      'appointment-booked to Patient/ada',
      'appointment-booked to Practitioner/okafor',
    ]);
    const { stored } = await workshop.run(booked);
    expect(stored.join()).not.toContain('fracture');
    expect(stored.join()).toContain('America/Phoenix');
    await workshop.expectTwiceAsOnce(booked);
    expect(await workshop.expectToSurvive(booked)).toBeGreaterThan(2);
  });

  test('that is moved is told with the time before, and what still waited of it is given up', async () => {
    const moved = appointment({ start: '2031-01-16T09:00:00Z', end: '2031-01-16T09:30:00Z' });
    const event = await (await told(ofAppointment, 'appointment-changed', appointment(), moved)).arrange();
    // Written after what waits for the end of quiet hours, as far as the bot is told.
    const { entry } = event.input as { entry: { resource: Appointment }[] };
    entry[1]!.resource.meta!.lastUpdated = '2030-12-01T10:00:00Z';
    const held = noticeResource({
      key: 'held',
      kind: 'reminder',
      to: { reference: 'Patient/ada' },
      template: { name: 'appointment-reminder', values: {} },
      about: 'Appointment/visit',
    });
    const move = trial(ofAppointment, async () => {
      await workshop.put({ ...held, id: 'held', status: 'on-hold' } as Stored<Communication>);
      return event;
    });
    expect(await notices(move)).toEqual([
      'appointment-moved to Patient/ada',
      'appointment-moved to Practitioner/okafor',
      'appointment-reminder to Patient/ada',
    ]);
    const { stored } = await workshop.run(move);
    expect(stored.join()).toContain('2031-01-15T13:30:00Z');
    expect(stored.find((text) => text.includes('"not-done"'))).toContain('superseded');
    expect(await workshop.expectToSurvive(move)).toBeGreaterThan(2);
  });

  test('that is cancelled is told; one that is over, or only arranged, is not', async () => {
    const change = async (before: Partial<Appointment>, now: Partial<Appointment>) =>
      notices(await told(ofAppointment, 'appointment-changed', appointment(before), appointment(now)));
    expect(await change({}, { status: 'cancelled' })).toHaveLength(2);
    expect(await change({ status: 'proposed' }, { status: 'cancelled' })).toEqual([]);
    expect(await change({}, { status: 'arrived' })).toEqual([]);
    expect(await change({}, { status: 'cancelled', start: '2020-01-01T10:00:00Z' })).toEqual([]);
  });

  test('is not told to who has declined', async () => {
    const declined = appointment({
      participant: [{ actor: { reference: 'Patient/ada' }, status: 'declined' }],
    });
    expect(await notices(await told(ofAppointment, 'appointment-booked', declined))).toEqual([]);
  });
});

describe('a call for help', () => {
  const PROFILE = 'https://maxray.example/fhir/StructureDefinition';
  const role = (id: string, system: string, code: string) => ({
    resourceType: 'PractitionerRole',
    id,
    active: true,
    practitioner: { reference: `Practitioner/${id}` },
    organization: { reference: 'Organization/ambulance' },
    code: [{ coding: [{ system, code }] }],
  });
  const dispatcher = role('dora', 'https://maxray.example/fhir/CodeSystem/maxray-dispatch', 'dispatcher');
  const paramedic = role('pat', 'http://snomed.info/sct', '397897005');
  const call = {
    resourceType: 'ServiceRequest',
    id: 'call',
    status: 'active',
    intent: 'order',
    priority: 'stat',
    authoredOn: new Date().toISOString(),
    subject: { reference: 'Patient/ada' },
    performer: [{ reference: 'Organization/ambulance' }],
    locationReference: [{ reference: 'Location/home', display: 'Elm Street 5' }],
  };

  test('is told to dispatchers, and to paramedics where there are none', async () => {
    const both = await told(ofEmergency, 'emergency-raised', dispatcher, paramedic, call);
    expect(await notices(both)).toEqual(['emergency-raised to Practitioner/dora']);
    const { stored } = await workshop.run(both);
    expect(
      stored.find((text) => text.includes('"priority":"stat"') && text.includes('Elm Street')),
    ).toBeDefined();
    const solo = { ...paramedic, id: 'solo', organization: { reference: 'Organization/volunteers' } };
    const elsewhere = { ...call, performer: [{ reference: 'Organization/volunteers' }] };
    const alone = await told(ofEmergency, 'emergency-raised', solo, elsewhere);
    expect(await notices(alone)).toEqual(['emergency-raised to Practitioner/pat']);
    expect(await workshop.expectToSurvive(alone)).toBeGreaterThan(2);
  });

  test('that was assigned is told to the crew and to who waits for it', async () => {
    const task = {
      resourceType: 'Task',
      id: 'dispatch',
      meta: { profile: [`${PROFILE}/maxray-dispatch-task`] },
      status: 'requested',
      intent: 'order',
      priority: 'stat',
      code: {
        coding: [{ system: 'https://maxray.example/fhir/CodeSystem/maxray-dispatch', code: 'dispatch' }],
      },
      authoredOn: new Date().toISOString(),
      focus: { reference: 'ServiceRequest/call' },
      for: { reference: 'Patient/ada' },
      performerType: [{ text: 'Paramedic' }],
      owner: { reference: 'CareTeam/crew' },
      location: { reference: 'Location/home' },
    };
    const crew = {
      resourceType: 'CareTeam',
      id: 'crew',
      participant: [
        { member: { reference: 'PractitionerRole/pat' } },
        { member: { reference: 'Patient/ada' } },
      ],
    };
    const assigned = await told(ofEmergency, 'emergency-assigned', paramedic, call, crew, task);
    expect(await notices(assigned)).toEqual([
      'emergency-assigned to Practitioner/pat',
      'help-coming to Patient/ada',
    ]);
    expect(await workshop.expectToSurvive(assigned)).toBeGreaterThan(2);
  });
});

describe('results, images, prescriptions', () => {
  const now = new Date().toISOString();
  const subject = { reference: 'Patient/ada' };
  const order = {
    resourceType: 'ServiceRequest',
    id: 'order',
    status: 'active',
    intent: 'order',
    subject,
    requester: { reference: 'Practitioner/okafor' },
  };
  const report = (changes: object = {}) => ({
    resourceType: 'DiagnosticReport',
    id: 'report',
    status: 'final',
    code: { text: 'Blood count' },
    subject,
    issued: now,
    conclusion: 'Anaemia',
    ...changes,
  });

  test('a result is told to the patient and to who has ordered it, else to the team', async () => {
    const basedOn = [{ reference: 'ServiceRequest/order' }];
    const ordered = await told(ofResult, 'result-available', order, report({ basedOn }));
    expect(await notices(ordered)).toEqual([
      'result-available to Patient/ada',
      'result-available to Practitioner/okafor',
    ]);
    expect(await workshop.expectToSurvive(ordered)).toBeGreaterThan(2);
    const team = {
      resourceType: 'CareTeam',
      id: 'team',
      status: 'active',
      subject,
      participant: [{ member: { reference: 'Practitioner/okafor' } }],
    };
    const corrected = await told(ofResult, 'result-available', team, report({ status: 'corrected' }));
    expect(await notices(corrected)).toEqual([
      'result-changed to Patient/ada',
      'result-changed to Practitioner/okafor',
    ]);
  });

  test('history that was brought in is no news', async () => {
    const old = await told(ofResult, 'result-available', report({ issued: '2020-05-01T08:00:00Z' }));
    expect(await notices(old)).toEqual([]);
  });

  const study = (changes: object = {}) => ({
    resourceType: 'ImagingStudy',
    id: 'study',
    status: 'available',
    subject,
    started: now,
    ...changes,
  });

  test('images are told to the patient, and to who treats in the same consultation', async () => {
    const visit = {
      resourceType: 'Encounter',
      id: 'consultation',
      status: 'in-progress',
      class: { code: 'VR' },
      subject,
      participant: [{ individual: { reference: 'Practitioner/okafor' } }],
    };
    const encounter = { reference: 'Encounter/consultation' };
    const available = await told(ofStudy, 'study-available', visit, study({ encounter }));
    expect(await notices(available)).toEqual([
      'study-available to Patient/ada',
      'study-available to Practitioner/okafor',
    ]);
    expect(await workshop.expectToSurvive(available)).toBeGreaterThan(2);
  });

  test('images of nobody who is known are told to radiographers', async () => {
    const rui = {
      resourceType: 'PractitionerRole',
      id: 'rui',
      active: true,
      practitioner: { reference: 'Practitioner/rui' },
      code: [{ coding: [{ system: 'http://snomed.info/sct', code: '159016003' }] }],
    };
    const unknown = { type: 'Patient', identifier: { value: '4711' } };
    const unmatched = await told(ofStudy, 'study-unmatched', rui, study({ subject: unknown }));
    expect(await notices(unmatched)).toEqual(['study-unmatched to Practitioner/rui']);
  });

  test('a prescription is told to the patient and the pharmacy, what was handed out to who prescribed it', async () => {
    const medicationCodeableConcept = { text: 'Ibuprofen 400 mg' };
    const signed = {
      resourceType: 'MedicationRequest',
      id: 'prescription',
      status: 'active',
      intent: 'order',
      subject,
      authoredOn: now,
      medicationCodeableConcept,
      requester: { reference: 'Practitioner/okafor' },
      dispenseRequest: { performer: { reference: 'Organization/pharmacy' } },
    };
    const nguyen = {
      resourceType: 'PractitionerRole',
      id: 'nguyen',
      active: true,
      practitioner: { reference: 'Practitioner/nguyen' },
      organization: { reference: 'Organization/pharmacy' },
      code: [
        {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/practitioner-role', code: 'pharmacist' }],
        },
      ],
    };
    const prescribed = await told(ofPrescription, 'prescription-signed', nguyen, signed);
    expect(await notices(prescribed)).toEqual([
      'prescription-signed to Patient/ada',
      'prescription-signed to Practitioner/nguyen',
    ]);
    expect(await workshop.expectToSurvive(prescribed)).toBeGreaterThan(2);
    const dispensed = {
      resourceType: 'MedicationDispense',
      id: 'dispense',
      status: 'completed',
      subject,
      whenHandedOver: now,
      medicationCodeableConcept,
      authorizingPrescription: [{ reference: 'MedicationRequest/prescription' }],
    };
    const handedOut = await told(ofPrescription, 'prescription-dispensed', signed, dispensed);
    expect(await notices(handedOut)).toEqual([
      'prescription-dispensed to Patient/ada',
      'prescription-dispensed to Practitioner/okafor',
    ]);
  });
});
