import type { Appointment, Communication, Reference } from '@medplum/fhirtypes';
import { participantsOf, placeOf } from '../lib/appointment/participants.ts';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { notifiedResources, purposeOfUse } from '../lib/define/define.ts';
import type { Message } from '../lib/message/message.ts';
import { notSent, settle } from '../lib/message/message.ts';
import { KIND_SYSTEM } from '../lib/notify/codes.ts';
import { ROLE_RULES } from '../lib/notify/rules.ts';
import { tell, versionKey } from '../lib/notify/tell.ts';
import type { Template } from '../lib/notify/template.ts';
import { topicUrl } from '../lib/notify/topics.ts';
import { ifThere } from '../lib/person/person.ts';
import { whatHappened } from './changes.ts';

const KINDS = `${KIND_SYSTEM}|appointment,${KIND_SYSTEM}|reminder`;

export const bot: BotDefinition = {
  name: 'notify-appointment',
  title: 'Notices of appointments',
  description: 'Tells those who take part in an appointment that it is booked, moved or cancelled.',
  triggers: [{ topic: topicUrl('appointment-booked') }, { topic: topicUrl('appointment-changed') }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [
      {
        resourceType: 'Appointment',
        interaction: ['read', 'vread'],
        hiddenFields: ['reasonCode', 'reasonReference', 'description', 'comment', 'patientInstruction'],
      },
      { resourceType: 'Location', interaction: ['read'] },
      ...ROLE_RULES,
      {
        resourceType: 'Communication',
        criteria: `Communication?category=${KINDS}`,
        interaction: ['search', 'read', 'create', 'update'],
      },
    ],
  },
};

export const handler: BotHandler = async (medplum, event) => {
  for (const appointment of notifiedResources<Appointment>(event.input)) {
    const before = await versionBefore(medplum, appointment);
    const happened = whatHappened(before, appointment);
    if (!happened) continue;
    const people = await participantsOf(medplum, appointment);
    if (before) await supersede(medplum, appointment, people);
    const name = happened;
    const values = { ...valuesOf(appointment, before), ...(await placeOf(medplum, appointment)) };
    const about = `Appointment/${appointment.id}`;
    const notices = people.map((to) => {
      const key = versionKey(name, appointment, to);
      const template: Template = { name, values };
      return { key, kind: 'appointment' as const, to, template, about, until: appointment.start! };
    });
    await tell(medplum, notices);
  }
};

function valuesOf(now: Appointment, before: Appointment | undefined): Template['values'] {
  return {
    start: { at: now.start! },
    ...(now.end !== undefined && { end: { at: now.end } }),
    ...(before?.status === 'booked' && before.start !== undefined && { before: { at: before.start } }),
    ...(now.meta?.lastUpdated !== undefined && { written: { at: now.meta.lastUpdated } }),
    sequence: String(Number(now.meta?.versionId) || 0),
  };
}

/** The version before the one that is told; undefined where there is none. */
async function versionBefore(
  medplum: MedplumClient,
  { id, meta }: Appointment,
): Promise<Appointment | undefined> {
  const version = Number(meta?.versionId);
  return version > 1 ? ifThere(medplum.readVersion('Appointment', id!, String(version - 1))) : undefined;
}

/** Gives up what was to be said of the appointment as it was, and still waits for the end of somebody's quiet hours. */
async function supersede(
  medplum: MedplumClient,
  appointment: Appointment,
  people: readonly Reference[],
): Promise<void> {
  const about = `Appointment/${appointment.id}`;
  if (people.length === 0) return;
  const query = new URLSearchParams({
    status: 'on-hold',
    category: KINDS,
    recipient: people.map(({ reference }) => reference).join(','),
    _count: '200',
  });
  const held = await medplum.searchResources('Communication', query, { cache: 'reload' });
  for (const message of held as Message[])
    if (isOlder(message, about, appointment)) await settle(medplum, message, notSent('superseded'));
}

/** Was it made before this version of the appointment? An event may come again after newer messages have been made. */
const isOlder = (message: Communication, about: string, { meta }: Appointment): boolean =>
  (message.about ?? []).some(({ reference }) => reference === about) &&
  Date.parse(message.meta?.lastUpdated ?? '') < Date.parse(meta?.lastUpdated ?? '');
