import type { Condition, Encounter } from '@medplum/fhirtypes';
import {
  conditionId,
  encounterId,
  encounterOf,
  encounterStartMs,
  organizationId,
  patientId,
  patientOfEncounter,
  practitionerId,
  STREAM,
  type DataPlan,
} from './plan.ts';
import { Random } from './random.ts';
import { DIAGNOSES, VISIT_KINDS } from './vocabulary.ts';

const SNOMED = 'http://snomed.info/sct';
const MINUTE_MS = 60_000;

/** A visit: ambulatory, virtual, at home or an emergency. */
export const encounter = (plan: DataPlan, index: number): Encounter => {
  const random = new Random(plan.seed, STREAM.encounter, index);
  const kind = random.pickWeighted(VISIT_KINDS);
  const startMs = encounterStartMs(plan, index);
  return {
    resourceType: 'Encounter',
    id: encounterId(index),
    meta: { profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-encounter'] },
    identifier: [{ use: 'official', system: 'https://example.org/encounter', value: random.uuid() }],
    status: 'finished',
    class: {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      code: kind.code,
      display: kind.display,
    },
    type: [{ coding: [{ system: SNOMED, code: kind.snomed, display: kind.text }], text: kind.text }],
    subject: { reference: `Patient/${patientId(patientOfEncounter(plan, index))}` },
    participant: [
      {
        type: [
          {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
                code: 'PPRF',
                display: 'primary performer',
              },
            ],
          },
        ],
        individual: { reference: `Practitioner/${practitionerId(index % plan.practitioners)}` },
      },
    ],
    period: {
      start: new Date(startMs).toISOString(),
      end: new Date(startMs + (15 + random.below(60)) * MINUTE_MS).toISOString(),
    },
    serviceProvider: { reference: `Organization/${organizationId(index % plan.organizations)}` },
  };
};

/** A diagnosis made in an encounter. */
export const condition = (plan: DataPlan, index: number): Condition => {
  const random = new Random(plan.seed, STREAM.condition, index);
  const diagnosis = random.pickWeighted(DIAGNOSES);
  const visit = encounterOf(plan, index);
  const onset = new Date(encounterStartMs(plan, visit)).toISOString();
  return {
    resourceType: 'Condition',
    id: conditionId(index),
    meta: { profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-condition'] },
    clinicalStatus: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/condition-clinical',
          code: random.below(3) ? 'active' : 'resolved',
        },
      ],
    },
    verificationStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
    },
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/condition-category',
            code: 'encounter-diagnosis',
            display: 'Encounter Diagnosis',
          },
        ],
      },
    ],
    code: {
      coding: [
        { system: SNOMED, code: diagnosis.snomed, display: diagnosis.display },
        { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: diagnosis.icd10 },
      ],
      text: diagnosis.display,
    },
    subject: { reference: `Patient/${patientId(patientOfEncounter(plan, visit))}` },
    encounter: { reference: `Encounter/${encounterId(visit)}` },
    onsetDateTime: onset,
    recordedDate: onset,
  };
};
