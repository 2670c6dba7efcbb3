import type {
  Appointment,
  Condition,
  Encounter,
  EncounterParticipant,
  Location,
  Reference,
} from '@medplum/fhirtypes';
import type { Code } from '../kit/concept.ts';
import { concept, hl7 } from '../kit/concept.ts';
import { refer } from '../kit/bundle.ts';
import { houseIdentifier } from '../kit/identify.ts';
import { claiming, geofence } from '../kit/maxray.ts';
import { DAY_MS, instant, MINUTE_MS } from '../kit/time.ts';
import { VISIT_FEES } from '../clinic/fees.ts';
import { LOCATION, ORGANIZATION } from '../clinic/places.ts';
import { BOOKABLE, GENERAL_PRACTICE, schedule, service, TELECONSULTATION } from '../clinic/services.ts';
import type { Member } from '../clinic/staff.ts';
import { practitioner } from '../clinic/staff.ts';
import type { Story, Visit } from '../patient/story.ts';

/** A visit that is about to take place. */
export interface Plan {
  kind: 'clinic' | 'virtual';
  startMs: number;
  minutes: number;
  doctor: Member;
  reason: Code;
  diagnosis?: Reference<Condition>;
  /** Others in the room or in the call. */
  others?: readonly Member[];
  /** Of a call: where the patient must be. */
  within?: Reference<Location>;
}

const CLASS = {
  clinic: hl7('v3-ActCode', 'AMB', 'ambulatory'),
  virtual: hl7('v3-ActCode', 'VR', 'virtual'),
} as const;
/** Days between booking and visit. */
const BOOKED_AHEAD_DAYS = 12;

/** An appointment that was kept, with its slot and its encounter. */
export function visit(story: Story, plan: Plan): Visit {
  const endMs = plan.startMs + plan.minutes * MINUTE_MS;
  const appointment = book(story, plan, 'fulfilled');
  const encounter: Encounter = {
    resourceType: 'Encounter',
    id: story.id('visit'),
    ...telehealth(plan, 'encounter'),
    identifier: [houseIdentifier('visit', `V-${story.person.number}-${story.visits.length + 1}`)],
    status: 'finished',
    class: CLASS[plan.kind],
    type: [concept(plan.kind === 'clinic' ? GENERAL_PRACTICE : TELECONSULTATION)],
    serviceType: concept(plan.doctor.specialty),
    subject: story.subject,
    participant: participants(plan, endMs),
    appointment: [appointment],
    period: { start: instant(plan.startMs), end: instant(endMs) },
    length: { value: plan.minutes, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' },
    reasonCode: [concept(plan.reason)],
    ...(plan.diagnosis && {
      diagnosis: [
        { condition: plan.diagnosis, use: concept(hl7('diagnosis-role', 'billing', 'Billing')), rank: 1 },
      ],
    }),
    account: [refer('Account', `${story.person.prefix}-account`)],
    location: [{ location: plan.kind === 'clinic' ? LOCATION.clinic : LOCATION.virtual }],
    serviceProvider: ORGANIZATION.clinic,
  };
  const done: Visit = {
    encounter: story.add(encounter),
    kind: plan.kind,
    startMs: plan.startMs,
    endMs,
    doctor: plan.doctor,
    charges: [VISIT_FEES[plan.kind]],
  };
  story.visits.push(done);
  return done;
}

/** What a call has that a visit at the clinic has not. */
function telehealth({ kind, within }: Plan, of: 'appointment' | 'encounter') {
  if (kind === 'clinic') return {};
  if (within === undefined) return { meta: claiming(`telehealth-${of}`) };
  return { meta: claiming(`geofenced-${of}`), extension: [geofence(within)] };
}

function participants(plan: Plan, endMs: number): EncounterParticipant[] {
  const period = { start: instant(plan.startMs), end: instant(endMs) };
  const primary = concept(hl7('v3-ParticipationType', 'PPRF', 'primary performer'));
  const secondary = concept(hl7('v3-ParticipationType', 'SPRF', 'secondary performer'));
  return [
    { type: [primary], period, individual: practitioner(plan.doctor) },
    ...(plan.others ?? []).map((other) => ({ type: [secondary], period, individual: practitioner(other) })),
  ];
}

/** Books a visit: an appointment and, with doctors who keep a calendar here, the slot that it takes. */
export function book(
  story: Story,
  plan: Plan,
  status: 'fulfilled' | 'booked' | 'cancelled',
): Reference<Appointment> {
  const start = instant(plan.startMs);
  const end = instant(plan.startMs + plan.minutes * MINUTE_MS);
  const slot = BOOKABLE.includes(plan.doctor) && status !== 'cancelled';
  const slotReference = slot ? takeSlot(story, plan, start, end) : undefined;
  const bookedMs = Math.min(plan.startMs, story.untilMs) - BOOKED_AHEAD_DAYS * DAY_MS;
  return story.add<Appointment>({
    resourceType: 'Appointment',
    id: story.id('appointment'),
    ...telehealth(plan, 'appointment'),
    status,
    ...(status === 'cancelled' && {
      cancelationReason: concept(hl7('appointment-cancellation-reason', 'pat', 'Patient')),
    }),
    serviceType: [concept(plan.kind === 'clinic' ? GENERAL_PRACTICE : TELECONSULTATION)],
    specialty: [concept(plan.doctor.specialty)],
    appointmentType: concept(hl7('v2-0276', 'ROUTINE', 'Routine appointment - default if not valued')),
    reasonCode: [concept(plan.reason)],
    description: plan.kind === 'clinic' ? 'Visit at the clinic' : 'Teleconsultation by video',
    start,
    end,
    minutesDuration: plan.minutes,
    ...(slotReference && { slot: [slotReference] }),
    created: instant(bookedMs),
    participant: [
      { actor: story.subject, required: 'required', status: 'accepted' },
      { actor: practitioner(plan.doctor), required: 'required', status: 'accepted' },
      { actor: service(plan.kind === 'clinic' ? 'practice' : 'teleconsultation'), status: 'accepted' },
    ],
  });
}

function takeSlot(story: Story, plan: Plan, start: string, end: string) {
  return story.add({
    resourceType: 'Slot',
    id: story.id('slot'),
    serviceType: [concept(plan.kind === 'clinic' ? GENERAL_PRACTICE : TELECONSULTATION)],
    schedule: schedule(plan.doctor),
    status: 'busy',
    start,
    end,
  });
}
