import { CHANNEL_SYSTEM, KIND_SYSTEM, WINDOW_EXTENSION } from '../../../lib/notify/codes.ts';
import { PUSH_SUBSCRIPTION_CODE, PUSH_SUBSCRIPTION_EXTENSION } from '../../../lib/push/subscriptions.ts';
import { browserKeys } from '../../notifications/gateways.ts';
import { DOCTOR, now, resource, subjectOf, type Stage, type Story } from './story.ts';

const PROFILES = 'https://maxray.example/fhir/StructureDefinition';
const DISPATCH = 'https://maxray.example/fhir/CodeSystem/maxray-dispatch';
const [PUSH_SYSTEM, PUSH_CODE] = PUSH_SUBSCRIPTION_CODE.split('|');
/** A reminder is due a day before an appointment: of one at that time from now on, at once. */
const SOON_MS = 24 * 3_600_000 - 60_000;
const VISIT_MS = 30 * 60_000;
const SENDERS = ['notify', 'send-mail'];

/** Everybody is told in the app, whatever else. */
async function patientTold({ client }: Stage, id: string, times: number): Promise<void> {
  await client.wait(`Communication?recipient=Patient/${id}&medium=${CHANNEL_SYSTEM}|in-app`, times);
}

/** Effects of one notice to somebody. */
const told = (template: string, to: 'Patient' | 'Practitioner', ...channels: string[]): string[] => [
  `notice ${template} to ${to}: completed`,
  ...[...channels, 'in-app'].map((channel) => `${channel} to ${to}: completed`),
];

const appointment: Story = {
  bots: [...SENDERS, 'notify-appointment', 'appointment-reminder', 'send-push', 'send-sms', 'sms-status'],
  async tell(stage, id) {
    const { client, gateways } = stage;
    const { p256dh, auth } = browserKeys();
    const parts = [
      { url: 'endpoint', valueUrl: `${gateways.pushUrl}/${id}` },
      { url: 'p256dh', valueString: p256dh },
      { url: 'auth', valueString: auth },
    ];
    await client.create(
      resource({
        resourceType: 'Basic',
        id: `${id}-browser`,
        code: { coding: [{ system: PUSH_SYSTEM, code: PUSH_CODE }] },
        subject: subjectOf(id),
        extension: [{ url: PUSH_SUBSCRIPTION_EXTENSION, extension: parts }],
      }),
    );
    const startMs = Date.now() + SOON_MS;
    await client.create(
      resource({
        resourceType: 'Appointment',
        id: `${id}-visit`,
        status: 'booked',
        start: new Date(startMs).toISOString(),
        end: new Date(startMs + VISIT_MS).toISOString(),
        participant: [subjectOf(id), DOCTOR].map((actor) => ({ actor, status: 'accepted' })),
      }),
    );
    await patientTold(stage, id, 2);
  },
  effects: [
    ...told('appointment-booked', 'Patient', 'email', 'push'),
    ...told('appointment-booked', 'Practitioner', 'email'),
    ...told('appointment-reminder', 'Patient', 'sms', 'push'),
    ...told('appointment-reminder', 'Practitioner', 'email'),
  ],
};

const emergency: Story = {
  bots: [...SENDERS, 'notify-emergency', 'send-sms', 'sms-status'],
  async tell(stage, id) {
    const call = { resourceType: 'ServiceRequest', id: `${id}-call` };
    const service = {
      system: 'https://maxray.example/fhir/CodeSystem/maxray-service',
      code: 'emergency-response',
    };
    await stage.client.create(
      resource({
        ...call,
        meta: { profile: [`${PROFILES}/maxray-emergency-request`] },
        status: 'active',
        intent: 'order',
        category: [{ coding: [service] }],
        priority: 'stat',
        subject: subjectOf(id),
        authoredOn: now(),
        requester: subjectOf(id),
        performer: [DOCTOR],
        locationReference: [{ display: 'At home' }],
        reasonCode: [{ text: 'Fall on the stairs' }],
      }),
    );
    await stage.client.create(
      resource({
        resourceType: 'Task',
        id: `${id}-dispatch`,
        meta: { profile: [`${PROFILES}/maxray-dispatch-task`] },
        status: 'requested',
        intent: 'order',
        priority: 'stat',
        code: { coding: [{ system: DISPATCH, code: 'dispatch' }] },
        authoredOn: now(),
        focus: { reference: `${call.resourceType}/${call.id}` },
        for: subjectOf(id),
        performerType: [{ text: 'Paramedic' }],
        owner: DOCTOR,
      }),
    );
    await patientTold(stage, id, 1);
  },
  effects: [
    'Task: requested',
    ...told('emergency-raised', 'Practitioner', 'email'),
    ...told('emergency-assigned', 'Practitioner', 'email'),
    ...told('help-coming', 'Patient', 'sms'),
  ],
};

/** The report comes at once: often before anybody was asked for it. */
const images: Story = {
  bots: [...SENDERS, 'notify-study', 'notify-result', 'report-study'],
  async tell(stage, id) {
    await stage.client.create(
      resource({
        resourceType: 'ImagingStudy',
        id: `${id}-study`,
        status: 'available',
        subject: subjectOf(id),
        started: now(),
        referrer: DOCTOR,
        numberOfInstances: 2,
      }),
    );
    await stage.client.create(
      resource({
        resourceType: 'DiagnosticReport',
        id: `${id}-report`,
        status: 'final',
        code: { text: 'Ankle X-ray' },
        subject: subjectOf(id),
        issued: now(),
        imagingStudy: [{ reference: `ImagingStudy/${id}-study` }],
      }),
    );
    await patientTold(stage, id, 2);
  },
  effects: [
    'Task: completed',
    ...told('study-available', 'Patient', 'email'),
    ...told('study-available', 'Practitioner', 'email'),
    ...told('result-available', 'Patient', 'email'),
  ],
};

const heldMessage: Story = {
  bots: ['release-messages', 'send-sms', 'sms-status'],
  async tell({ client }, id) {
    const start = new Date(Date.now() - 1_000).toISOString();
    await client.create(
      resource({
        resourceType: 'Communication',
        id: `${id}-held`,
        extension: [{ url: WINDOW_EXTENSION, valuePeriod: { start } }],
        status: 'on-hold',
        category: [{ coding: [{ system: KIND_SYSTEM, code: 'message' }] }],
        medium: [{ coding: [{ system: CHANNEL_SYSTEM, code: 'sms' }] }],
        recipient: [subjectOf(id)],
        payload: [{ contentString: 'There is a message for you.' }],
      }),
    );
    await client.wait(`Communication?_id=${id}-held&status=completed`);
  },
  effects: ['sms to Patient: completed'],
};

const prescription: Story = {
  bots: [...SENDERS, 'notify-prescription', 'charge', 'billing'],
  async tell(stage, id) {
    const what = { subject: subjectOf(id), medicationCodeableConcept: { text: 'Ibuprofen 400 mg' } };
    await stage.client.create(
      resource({
        resourceType: 'MedicationRequest',
        id: `${id}-prescription`,
        ...{ ...what, status: 'active', intent: 'order', authoredOn: now(), requester: DOCTOR },
      }),
    );
    await stage.client.create(
      resource({
        resourceType: 'MedicationDispense',
        id: `${id}-dispense`,
        ...{ ...what, status: 'completed', whenHandedOver: now() },
        authorizingPrescription: [{ reference: `MedicationRequest/${id}-prescription` }],
      }),
    );
    await patientTold(stage, id, 2);
  },
  effects: [
    ...['Account: active', 'ChargeItem: billed', 'Invoice: issued'],
    ...told('prescription-signed', 'Patient', 'email'),
    ...told('prescription-dispensed', 'Patient', 'email'),
    ...told('prescription-dispensed', 'Practitioner', 'email'),
  ],
};

export const notificationStories: readonly Story[] = [
  appointment,
  emergency,
  images,
  heldMessage,
  prescription,
];
