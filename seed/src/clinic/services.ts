import type {
  HealthcareService,
  Practitioner,
  Reference,
  Resource,
  Schedule,
  Slot,
} from '@medplum/fhirtypes';
import type { Code } from '../kit/concept.ts';
import { concept, hl7, snomed } from '../kit/concept.ts';
import { maxray } from '../kit/maxray.ts';
import { refer } from '../kit/bundle.ts';
import { DAY_MS, day, instant, MINUTE_MS, workingHour } from '../kit/time.ts';
import { LOCATION, ORGANIZATION } from './places.ts';
import type { Member } from './staff.ts';
import { nameOf, practitioner, STAFF } from './staff.ts';

export const GENERAL_PRACTICE = snomed('394814009', 'General practice (specialty)');
export const TELECONSULTATION = maxray('service', 'teleconsultation', 'Teleconsultation');
export const FIELD_XRAY = maxray('service', 'field-xray', 'X-ray where the patient is');
export const EMERGENCY_RESPONSE = maxray('service', 'emergency-response', 'Emergency response');

const SERVICES: readonly { key: string; code: Code; of: keyof typeof ORGANIZATION; comment: string }[] = [
  { key: 'practice', code: GENERAL_PRACTICE, of: 'clinic', comment: 'Visits at the clinic.' },
  {
    key: 'teleconsultation',
    code: TELECONSULTATION,
    of: 'clinic',
    comment: 'By video, with up to six people.',
  },
  {
    key: 'field-xray',
    code: FIELD_XRAY,
    of: 'ambulance',
    comment: 'Portable X-ray within 90 km of Phoenix.',
  },
  { key: 'emergency', code: EMERGENCY_RESPONSE, of: 'ambulance', comment: 'Day and night.' },
];

/** Doctors whose time patients can book. */
export const BOOKABLE: readonly [Member, ...Member[]] = [STAFF.okafor, STAFF.garcia, STAFF.mehta];
const FREE_DAYS = 5;
/** Quarter hours of the day (from 08:00) that stand open, half an hour each. */
const FREE_SLOTS = [2, 6, 10, 20, 24];

export const service = (key: string): Reference<HealthcareService> =>
  refer('HealthcareService', `demo-${key}`);

export const schedule = (doctor: Member): Reference<Schedule> =>
  refer('Schedule', `demo-${doctor.key}`, `Calendar of ${nameOf(doctor)}`);

/** Services, calendars for a year and a half, and free slots for the week after `untilMs`. */
export function services(startMs: number, untilMs: number): Resource[] {
  return [
    ...SERVICES.map(serviceOf),
    ...BOOKABLE.map((doctor) => scheduleOf(doctor, startMs, untilMs)),
    ...BOOKABLE.flatMap((doctor) => freeSlots(doctor, untilMs)),
  ];
}

function serviceOf({ key, code, of, comment }: (typeof SERVICES)[number]): HealthcareService {
  return {
    resourceType: 'HealthcareService',
    id: `demo-${key}`,
    active: true,
    providedBy: ORGANIZATION[of],
    type: [concept(code)],
    location: [LOCATION[of]],
    name: code.display,
    comment,
    appointmentRequired: key !== 'emergency',
    availableTime: [
      key === 'emergency'
        ? { daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], allDay: true }
        : {
            daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
            availableStartTime: '08:00:00',
            availableEndTime: '16:00:00',
          },
    ],
  };
}

function scheduleOf(doctor: Member, startMs: number, untilMs: number): Schedule {
  return {
    resourceType: 'Schedule',
    id: `demo-${doctor.key}`,
    active: true,
    serviceType: [concept(GENERAL_PRACTICE), concept(TELECONSULTATION)],
    specialty: [concept(doctor.specialty)],
    actor: [practitioner(doctor) as Reference<Practitioner>, LOCATION.clinic],
    planningHorizon: { start: day(startMs), end: day(untilMs + 180 * DAY_MS) },
  };
}

function freeSlots(doctor: Member, untilMs: number): Slot[] {
  return Array.from({ length: FREE_DAYS }, (_, ahead) =>
    FREE_SLOTS.map((quarter, number): Slot => {
      const startMs = workingHour(untilMs + (1 + ahead * (7 / 5)) * DAY_MS, quarter);
      return {
        resourceType: 'Slot',
        id: `demo-${doctor.key}-free-${ahead * FREE_SLOTS.length + number + 1}`,
        serviceType: [concept(number % 2 === 0 ? TELECONSULTATION : GENERAL_PRACTICE)],
        specialty: [concept(doctor.specialty)],
        appointmentType: concept(hl7('v2-0276', 'ROUTINE', 'Routine appointment - default if not valued')),
        schedule: schedule(doctor),
        status: 'free',
        start: instant(startMs),
        end: instant(startMs + 30 * MINUTE_MS),
      };
    }),
  ).flat();
}
