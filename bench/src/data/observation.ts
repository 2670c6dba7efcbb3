import type { CodeableConcept, Observation } from '@medplum/fhirtypes';
import {
  encounterId,
  encounterOf,
  encounterStartMs,
  observationId,
  patientId,
  patientOfEncounter,
  practitionerId,
  STREAM,
  type DataPlan,
} from './plan.ts';
import { Random } from './random.ts';
import { LOINC, MEASUREMENTS, OBSERVATION_STATUSES, type Measurement } from './measurements.ts';

/** System of the units of measured values. */
export const UCUM = 'http://unitsofmeasure.org';
const SNOMED = 'http://snomed.info/sct';
const INTERPRETATIONS = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
const CATEGORY_DISPLAY = {
  'vital-signs': 'Vital Signs',
  laboratory: 'Laboratory',
  survey: 'Survey',
  exam: 'Exam',
} as const;
const PROFILE = {
  'vital-signs': 'http://hl7.org/fhir/StructureDefinition/vitalsigns',
  laboratory: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab',
  survey: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-simple-observation',
  exam: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-clinical-result',
} as const;
/** How far beyond its normal range a value may lie, as a part of the range's width. */
const BEYOND_NORMAL = 0.3;

const interpretation = (measured: Measurement, value: number): CodeableConcept => {
  const [code, display] =
    value < measured.low ? ['L', 'Low'] : value > measured.high ? ['H', 'High'] : ['N', 'Normal'];
  return { coding: [{ system: INTERPRETATIONS, code, display }], text: display };
};

const measuredValue = (random: Random, measured: Measurement): number => {
  const margin = (measured.high - measured.low) * BEYOND_NORMAL;
  const value = random.between(Math.max(0, measured.low - margin), measured.high + margin);
  return Number(value.toFixed(measured.decimals));
};

/** A vital sign, a laboratory value, a finding or an answer, of about 1.6 kB. Indexes beyond the plan give new ones of the same kind. */
export const observation = (plan: DataPlan, index: number): Observation => {
  const random = new Random(plan.seed, STREAM.observation, index);
  const measured = random.pickWeighted(MEASUREMENTS);
  const visit = encounterOf(plan, index);
  const takenMs = encounterStartMs(plan, visit) + random.below(15 * 60) * 1_000;
  const value = measuredValue(random, measured);
  const quantity = (of: number) => ({ value: of, unit: measured.unit, system: UCUM, code: measured.ucum });
  const range = `${measured.low} to ${measured.high} ${measured.unit}`;
  return {
    resourceType: 'Observation',
    id: observationId(index),
    meta: { profile: [PROFILE[measured.category]] },
    identifier: [{ use: 'official', system: 'https://example.org/observation', value: random.uuid() }],
    status: random.pickWeighted(OBSERVATION_STATUSES).status,
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: measured.category,
            display: CATEGORY_DISPLAY[measured.category],
          },
        ],
        text: CATEGORY_DISPLAY[measured.category],
      },
    ],
    code: {
      coding: [{ system: LOINC, code: measured.loinc, display: measured.display }],
      text: measured.text,
    },
    subject: { reference: `Patient/${patientId(patientOfEncounter(plan, visit))}` },
    encounter: { reference: `Encounter/${encounterId(visit)}` },
    effectiveDateTime: new Date(takenMs).toISOString(),
    issued: new Date(takenMs + 60_000 + random.below(3_600) * 1_000).toISOString(),
    performer: [{ reference: `Practitioner/${practitionerId(random.below(plan.practitioners))}` }],
    valueQuantity: quantity(value),
    interpretation: [interpretation(measured, value)],
    method: {
      coding: [{ system: SNOMED, code: '272394005', display: 'Technique' }],
      text: 'Measured by a person with a calibrated device',
    },
    device: { display: `Field kit ${1 + random.below(40)}` },
    note: [
      {
        text: `${measured.display}: measured ${random.pick(['sitting', 'lying', 'standing', 'at rest'])}, device checked; the patient reported no complaint at the time.`,
      },
    ],
    referenceRange: [
      { low: quantity(measured.low), high: quantity(measured.high), text: `Usual for adults: ${range}` },
    ],
  };
};
