import type {
  Appointment,
  Communication,
  CommunicationRequest,
  QuestionnaireResponse,
  Reference,
} from '@medplum/fhirtypes';
import { INTAKE_FORM } from '../clinic/forms.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { practitioner } from '../clinic/staff.ts';
import { concept, hl7, text } from '../kit/concept.ts';
import { DAY_MS, HOUR_MS, instant, MINUTE_MS } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';

const REMINDER = concept(hl7('communication-category', 'reminder', 'Reminder'));
const INSTRUCTION = concept(hl7('communication-category', 'instruction', 'Instruction'));
const SMS = text('SMS');
const WRITTEN = concept(hl7('v3-ParticipationMode', 'ELECTRONIC', 'electronic data'));

/** What the patient answered before the consultation. */
export function intake(story: Story, visit: Visit, reason: string, pain: number): void {
  story.add<QuestionnaireResponse>({
    resourceType: 'QuestionnaireResponse',
    id: story.id('intake'),
    questionnaire: INTAKE_FORM,
    status: 'completed',
    subject: story.subject,
    encounter: visit.encounter,
    authored: instant(visit.startMs - 2 * HOUR_MS),
    author: story.subject,
    source: story.subject,
    item: [
      { linkId: 'reason', text: 'What brings you here?', answer: [{ valueString: reason }] },
      { linkId: 'pain', text: 'How strong is your pain, from 0 to 10?', answer: [{ valueInteger: pain }] },
      {
        linkId: 'video',
        text: 'Have you a quiet place and a camera for a video call?',
        answer: [{ valueBoolean: true }],
      },
    ],
  });
}

/** A message that the patient and the doctor exchanged during a teleconsultation, and the answer to it. */
export function conversation(story: Story, visit: Visit, question: string, answer: string): void {
  const sentMs = visit.startMs + 6 * MINUTE_MS;
  const doctor = practitioner(visit.doctor);
  const base = {
    resourceType: 'Communication' as const,
    status: 'completed' as const,
    category: [INSTRUCTION],
    medium: [WRITTEN],
    subject: story.subject,
    encounter: visit.encounter,
  };
  const asked = story.add<Communication>({
    ...base,
    id: story.id('message'),
    recipient: [doctor],
    sender: story.subject,
    sent: instant(sentMs),
    received: instant(sentMs + 1000),
    payload: [{ contentString: question }],
  });
  story.add<Communication>({
    ...base,
    id: story.id('message'),
    inResponseTo: [asked],
    recipient: [story.subject],
    sender: doctor,
    sent: instant(sentMs + 2 * MINUTE_MS),
    received: instant(sentMs + 2 * MINUTE_MS + 1000),
    payload: [{ contentString: answer }],
  });
}

/** Asks for a reminder the day before an appointment that is still to come. */
export function reminder(story: Story, appointment: Reference<Appointment>, startMs: number): void {
  story.add<CommunicationRequest>({
    resourceType: 'CommunicationRequest',
    id: story.id('reminder'),
    status: 'active',
    category: [REMINDER],
    priority: 'routine',
    medium: [SMS],
    subject: story.subject,
    about: [appointment],
    payload: [{ contentString: 'Your appointment is tomorrow. Answer STOP to get no more messages.' }],
    occurrenceDateTime: instant(startMs - DAY_MS),
    authoredOn: instant(story.untilMs - DAY_MS),
    requester: ORGANIZATION.clinic,
    recipient: [story.subject],
    sender: ORGANIZATION.clinic,
  });
}
