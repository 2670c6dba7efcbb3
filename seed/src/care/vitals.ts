import type { Observation, ObservationComponent, Quantity } from '@medplum/fhirtypes';
import type { Code } from '../kit/concept.ts';
import { concept, hl7, loinc, quantity, snomed } from '../kit/concept.ts';
import { instant } from '../kit/time.ts';
import type { Member } from '../clinic/staff.ts';
import { practitioner } from '../clinic/staff.ts';
import type { Person } from '../patient/person.ts';
import type { Story, Visit } from '../patient/story.ts';

const VITAL_SIGNS = concept(hl7('observation-category', 'vital-signs', 'Vital Signs'));
const BLOOD_PRESSURE = loinc('85354-9', 'Blood pressure panel with all children optional');
const SYSTOLIC = loinc('8480-6', 'Systolic blood pressure');
const DIASTOLIC = loinc('8462-4', 'Diastolic blood pressure');
const HEART_RATE = loinc('8867-4', 'Heart rate');
const RESPIRATION = loinc('9279-1', 'Respiratory rate');
const TEMPERATURE = loinc('8310-5', 'Body temperature');
const SATURATION = loinc('2708-6', 'Oxygen saturation in Arterial blood');
const PULSE_OXIMETRY = loinc('59408-5', 'Oxygen saturation in Arterial blood by Pulse oximetry');
const WEIGHT = loinc('29463-7', 'Body weight');
const HEIGHT = loinc('8302-2', 'Body height');
const BODY_MASS_INDEX = loinc('39156-5', 'Body mass index (BMI) [Ratio]');
const SMOKING = loinc('72166-2', 'Tobacco smoking status');

/** How ill somebody is at the moment of measuring. */
export interface State {
  fever?: boolean;
  breathless?: boolean;
  pain?: boolean;
}

/** The full set of vital signs, as a nurse takes it at the clinic. */
export function fullVitals(story: Story, visit: Visit, by: Member): void {
  const { person } = story;
  const weight = weightAt(story, visit.startMs);
  urgentVitals(story, visit, by, {});
  measure(story, visit, by, [WEIGHT], quantity(weight, 'kg', 1));
  measure(story, visit, by, [HEIGHT], quantity(person.heightCm, 'cm'));
  measure(story, visit, by, [BODY_MASS_INDEX], quantity(weight / (person.heightCm / 100) ** 2, 'kg/m2', 2));
}

/** Blood pressure, pulse, breathing, temperature and oxygen saturation. */
export function urgentVitals(story: Story, visit: Visit, by: Member, state: State): void {
  const { random, person } = story;
  bloodPressure(story, visit, by, state);
  const pulse = random.around(person.illnesses.has('fibrillation') ? 88 : 72, 6);
  measure(
    story,
    visit,
    by,
    [HEART_RATE],
    quantity(pulse + (state.fever ? 18 : 0) + (state.pain ? 12 : 0), '/min', 0, 'beats/minute'),
  );
  const breaths = random.around(state.breathless ? 25 : 15, 1.2);
  measure(story, visit, by, [RESPIRATION], quantity(breaths, '/min', 0, 'breaths/minute'));
  measure(
    story,
    visit,
    by,
    [TEMPERATURE],
    quantity(random.around(state.fever ? 38.7 : 36.7, 0.2), 'Cel', 1, '°C'),
  );
  const saturation = Math.min(100, random.around(state.breathless ? 91 : 97.5, 0.8));
  measure(story, visit, by, [PULSE_OXIMETRY, SATURATION], quantity(saturation, '%', 0));
}

/** Blood pressure alone, as patients measure it themselves at home. */
export function homeBloodPressure(story: Story, visit: Visit): void {
  bloodPressure(story, visit, undefined, {});
}

function bloodPressure(story: Story, visit: Visit, by: Member | undefined, state: State): void {
  const { random, person } = story;
  const systolic =
    random.around(systolicMean(person, progress(story, visit.startMs)), 5) + (state.pain ? 12 : 0);
  const diastolic = systolic * 0.42 + random.around(26, 3);
  story.add<Observation>({
    ...vitalSign(story, visit, by, [BLOOD_PRESSURE]),
    component: [pressure(SYSTOLIC, systolic), pressure(DIASTOLIC, diastolic)],
    interpretation: [
      concept(
        systolic >= 140
          ? hl7('v3-ObservationInterpretation', 'H', 'High')
          : hl7('v3-ObservationInterpretation', 'N', 'Normal'),
      ),
    ],
  });
}

/** High blood pressure that treatment lowers over the year. */
function systolicMean(person: Person, yearPassed: number): number {
  const resting = 110 + Math.max(0, person.age - 30) * 0.25;
  return person.illnesses.has('hypertension') ? resting + 28 - 16 * yearPassed : resting;
}

const pressure = (code: Code, value: number): ObservationComponent => ({
  code: concept(code),
  valueQuantity: quantity(value, 'mm[Hg]', 0, 'mmHg'),
});

/** How much of the year has passed, 0 to 1. */
function progress(story: Story, atMs: number): number {
  return Math.min(1, Math.max(0, (atMs - story.startMs) / (story.untilMs - story.startMs)));
}

function weightAt(story: Story, atMs: number): number {
  const drift = story.person.illnesses.has('diabetes') ? -3.2 : 0.6;
  return story.person.weightKg + drift * progress(story, atMs) + story.random.around(0, 0.3);
}

function measure(story: Story, visit: Visit, by: Member, codes: [Code, ...Code[]], value: Quantity): void {
  story.add<Observation>({ ...vitalSign(story, visit, by, codes), valueQuantity: value });
}

function vitalSign(
  story: Story,
  visit: Visit,
  by: Member | undefined,
  codes: [Code, ...Code[]],
): Observation {
  return {
    resourceType: 'Observation',
    id: story.id('vital'),
    status: 'final',
    category: [VITAL_SIGNS],
    code: concept(...codes),
    subject: story.subject,
    encounter: visit.encounter,
    effectiveDateTime: instant(visit.startMs + 4 * 60_000),
    issued: instant(visit.startMs + 5 * 60_000),
    performer: [by ? practitioner(by) : story.subject],
  };
}

/** Whether the patient smokes. */
export function smokingStatus(story: Story, visit: Visit): void {
  story.add<Observation>({
    resourceType: 'Observation',
    id: story.id('social'),
    status: 'final',
    category: [concept(hl7('observation-category', 'social-history', 'Social History'))],
    code: concept(SMOKING),
    subject: story.subject,
    encounter: visit.encounter,
    effectiveDateTime: instant(visit.startMs),
    performer: [practitioner(visit.doctor)],
    valueCodeableConcept: concept(
      story.person.smoker
        ? snomed('449868002', 'Smokes tobacco daily')
        : snomed('266919005', 'Never smoked tobacco'),
    ),
  });
}
