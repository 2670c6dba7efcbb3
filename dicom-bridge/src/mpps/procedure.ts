import type {
  Observation,
  Procedure,
  ProcedurePerformer,
  Reference,
  ServiceRequest,
} from '@medplum/fhirtypes';
import { urnOfUid } from '../identifiers/uid.ts';
import { doseComponents } from './dose.ts';
import type { PerformedStep, StepStatus } from './performedStep.ts';
import { UID_SYSTEM } from '../fhir/identifiers.ts';

/** What a step belongs to. */
export interface StepLinks {
  subject: Reference;
  basedOn?: Reference[];
  encounter?: Reference;
  /** The first of the orders. */
  order?: ServiceRequest;
  /** The X-ray unit. */
  device?: Reference;
}

export const DOSE_SYSTEM = 'https://maxray.example/fhir/sid/step-dose';
const IMAGING = {
  coding: [{ system: 'http://snomed.info/sct', code: '363679005', display: 'Imaging' }],
  text: 'Imaging',
};
const DOSE_CATEGORY = {
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/observation-category',
      code: 'imaging',
      display: 'Imaging',
    },
  ],
};
const DOSE_CODE = { coding: [{ system: 'http://loinc.org', code: '73569-6' }], text: 'Radiation exposure' };
const STATUSES: Readonly<Record<StepStatus, Procedure['status']>> = {
  'IN PROGRESS': 'in-progress',
  COMPLETED: 'completed',
  DISCONTINUED: 'stopped',
};

/**
 * The Procedure of a step.
 *
 * @param version of a Procedure that this one is to be: what others have written into it stays
 */
export function procedureOf(
  step: PerformedStep,
  links: StepLinks,
  version: Partial<Procedure> = {},
): Procedure {
  const { status, description, discontinuation, operators = [] } = step;
  const { subject, basedOn, encounter, order, device } = links;
  const code = order?.code ?? step.code ?? (description === undefined ? undefined : { text: description });
  return {
    ...version,
    resourceType: 'Procedure',
    identifier: [{ system: UID_SYSTEM, value: urnOfUid(step.sopInstanceUid) }],
    status: STATUSES[status],
    ...(discontinuation && { statusReason: discontinuation }),
    category: IMAGING,
    ...(code && { code }),
    subject: subject as Procedure['subject'],
    ...(basedOn && { basedOn: basedOn as Procedure['basedOn'] }),
    ...(encounter && { encounter: encounter as Procedure['encounter'] }),
    performedPeriod: periodOf(step),
    ...(operators.length > 0 && { performer: operators.map(performerOf) }),
    ...(order?.bodySite && { bodySite: order.bodySite }),
    ...(device && { usedReference: [device as Reference<never>] }),
  };
}

/** What is said of radiation; undefined where nothing is. */
export function doseOf(
  step: PerformedStep,
  links: StepLinks,
  procedure: Reference<Procedure>,
): Observation | undefined {
  const component = doseComponents(step.dose);
  if (component.length === 0) return undefined;
  const { subject, basedOn, encounter, device } = links;
  const { comment } = step.dose;
  return {
    resourceType: 'Observation',
    identifier: [{ system: DOSE_SYSTEM, value: urnOfUid(step.sopInstanceUid) }],
    status: step.status === 'IN PROGRESS' ? 'preliminary' : 'final',
    category: [DOSE_CATEGORY],
    code: DOSE_CODE,
    subject: subject as Observation['subject'],
    partOf: [procedure],
    ...(basedOn && { basedOn: basedOn as Observation['basedOn'] }),
    ...(encounter && { encounter: encounter as Observation['encounter'] }),
    ...(device && { device: device as Observation['device'] }),
    effectivePeriod: periodOf(step),
    component,
    ...(comment !== undefined && { note: [{ text: comment }] }),
  };
}

/** An end before the start is left out, which no Period may have (per-1): a clock was set meanwhile, put back for the winter, or the end has no time. */
const periodOf = ({ started, ended }: PerformedStep) => ({
  start: started,
  ...(ended !== undefined && Date.parse(ended) >= Date.parse(started) && { end: ended }),
});

/** Consoles know names alone. */
function performerOf(operator: string): ProcedurePerformer {
  const [family = '', given = ''] = operator.split('^');
  return { actor: { display: [given, family].filter((part) => part !== '').join(' ') } };
}
