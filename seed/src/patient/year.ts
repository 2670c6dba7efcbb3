import { billing } from '../billing/billing.ts';
import { coverage } from '../billing/coverage.ts';
import { acute } from '../care/acute.ts';
import { background } from '../care/background.ts';
import { emergencyPapers } from '../care/documents.ts';
import { emergency } from '../care/emergency.ts';
import { immunizations } from '../care/immunization.ts';
import { laboratory, panelsFor } from '../care/laboratory.ts';
import { prescribeRegular } from '../care/medication.ts';
import { conversation, intake, reminder } from '../care/messages.ts';
import { planning } from '../care/planning.ts';
import { book, visit } from '../care/visit.ts';
import { fullVitals, homeBloodPressure, smokingStatus } from '../care/vitals.ts';
import type { AilmentKey } from '../codes/conditions.ts';
import type { ImagingKey } from '../codes/imaging.ts';
import { LOCATION } from '../clinic/places.ts';
import { STAFF } from '../clinic/staff.ts';
import { snomed } from '../kit/concept.ts';
import { DAY_MS, HOUR_MS, startOfDay, day, workingHour } from '../kit/time.ts';
import { demographics } from './demographics.ts';
import type { Story, Visit } from './story.ts';

const CHECK_UP = snomed('185349003', 'Encounter for check up');
const FOLLOW_UP = snomed('390906007', 'Follow-up encounter');
const PROBLEM = snomed('185347001', 'Encounter for problem');
/** Share of patients who call for help in the year, and of those who have a cold. */
const EMERGENCY_SHARE = 0.45;
const COLD_SHARE = 0.35;
/** Days into the year. */
const CHECK_UP_DAYS = { low: 4, high: 60 };
const TELE_DAYS = [120, 250] as const;
const SECOND_CHECK_DAYS = 185;

/** Writes a patient's year of care into the story. */
export function yearOfCare(story: Story): void {
  demographics(story);
  const covered = coverage(story);
  const first = checkUp(story);
  background(story, first);
  planning(story, first);
  prescribeRegular(story, first);
  if (story.person.illnesses.size > 0) secondCheck(story);
  for (const days of TELE_DAYS.slice(0, story.person.illnesses.size)) followUp(story, days);
  const isFirst = story.person.number === 1;
  if (isFirst || story.random.chance(COLD_SHARE)) cold(story);
  if (isFirst || story.random.chance(EMERGENCY_SHARE)) callForHelp(story);
  comingAppointment(story);
  billing(story, covered);
}

/** A moment in the year: so many days after its start, at a working hour drawn by chance. */
function during(story: Story, days: number): number {
  return workingHour(story.startMs + days * DAY_MS, 2 * story.random.int(0, 14));
}

function checkUp(story: Story): Visit {
  const startMs = during(story, story.random.int(CHECK_UP_DAYS.low, CHECK_UP_DAYS.high));
  const doctor = story.person.doctor;
  const first = visit(story, {
    kind: 'clinic',
    startMs,
    minutes: 30,
    doctor,
    reason: CHECK_UP,
    others: [STAFF.begay],
  });
  intake(story, first, 'Yearly check-up', story.random.int(0, 2));
  fullVitals(story, first, STAFF.begay);
  smokingStatus(story, first);
  for (const panel of panelsFor(story)) laboratory(story, first, panel);
  if (story.random.chance(story.person.number === 1 ? 1 : 0.6)) immunizations(story, first);
  return first;
}

function secondCheck(story: Story): void {
  const startMs = during(story, SECOND_CHECK_DAYS + story.random.int(0, 20));
  const doctor = story.person.doctor;
  const second = visit(story, { kind: 'clinic', startMs, minutes: 30, doctor, reason: FOLLOW_UP });
  fullVitals(story, second, STAFF.kowalski);
  for (const panel of panelsFor(story).slice(0, 2)) laboratory(story, second, panel);
}

function followUp(story: Story, days: number): void {
  const startMs = during(story, days + story.random.int(0, 20));
  const { doctor, illnesses } = story.person;
  const [diagnosis] = story.conditions.values();
  const others = illnesses.has('fibrillation') ? [STAFF.mehta] : [];
  const call = visit(story, {
    kind: 'virtual',
    startMs,
    minutes: 15,
    doctor,
    reason: FOLLOW_UP,
    ...(diagnosis && { diagnosis }),
    others: others.filter((other) => other !== doctor),
  });
  if (illnesses.has('hypertension')) homeBloodPressure(story, call);
  conversation(
    story,
    call,
    'I feel well. Shall I go on with the tablets?',
    'Yes, go on as before. We see each other in three months.',
  );
}

function cold(story: Story): void {
  const startMs = during(story, story.random.int(90, 300));
  const call = visit(story, {
    kind: 'virtual',
    startMs,
    minutes: 15,
    doctor: story.person.doctor,
    reason: PROBLEM,
    within: LOCATION.area,
  });
  intake(story, call, 'Sore throat and cough since yesterday', story.random.int(1, 4));
  acute(story, call, story.random.pick<AilmentKey>(['bronchitis', 'pharyngitis']));
}

function callForHelp(story: Story): void {
  const { random, person } = story;
  const calledMs =
    startOfDay(day(story.startMs + random.int(70, 356) * DAY_MS)) + random.int(0, 22) * HOUR_MS;
  const kinds: readonly ImagingKey[] =
    person.age >= 60 ? ['ankle', 'wrist', 'chest'] : ['ankle', 'clavicle', 'chest'];
  const key = person.number === 1 ? 'ankle' : random.pick(kinds);
  const { visit: seen, xray } = emergency(story, calledMs, key);
  emergencyPapers(story, seen, xray);
}

/** Booked, and still to come at the end of the year. */
function comingAppointment(story: Story): void {
  const startMs = workingHour(story.untilMs + story.random.int(15, 60) * DAY_MS, 2 * story.random.int(0, 14));
  const kind = story.random.pick(['clinic', 'virtual'] as const);
  const appointment = book(
    story,
    { kind, startMs, minutes: 15, doctor: story.person.doctor, reason: FOLLOW_UP },
    'booked',
  );
  reminder(story, appointment, startMs);
}
