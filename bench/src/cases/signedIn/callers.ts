import type { BenchCaller } from '../../callers/caller.ts';
import { observation } from '../../data/observation.ts';
import { patientId, practitionerId, type DataPlan } from '../../data/plan.ts';
import type { Random } from '../../data/random.ts';

/** So many of each role: as many as connections at which targets are given. */
const CALLERS = 16;
/** What a patient is shown of the own observations. */
const SHOWN_STATUSES: ReadonlySet<string> = new Set(['final', 'amended', 'corrected']);

const first = (count: number): number[] => Array.from({ length: Math.min(CALLERS, count) }, (_, at) => at);

/** The first patients of the plan, each of whom sees what is about him- or herself. */
export const patientCallers = ({ patients }: DataPlan): BenchCaller[] =>
  first(patients).map((at) => ({
    id: `bench-patient-${at}`,
    policy: 'maxray-patient',
    profile: `Patient/${patientId(at)}`,
  }));

/** The first practitioners, each of whom sees what is about the patients of own encounters. */
export const doctorCallers = ({ practitioners }: DataPlan): BenchCaller[] =>
  first(practitioners).map((at) => ({
    id: `bench-doctor-${at}`,
    policy: 'maxray-doctor',
    profile: `Practitioner/${practitionerId(at)}`,
  }));

/** A patient, by number, and an observation of his or hers that the policy shows. */
export interface OwnObservation {
  patient: number;
  observation: number;
}

/** At random, of the patients that are callers. */
export const ownObservation = (plan: DataPlan, random: Random): OwnObservation => {
  for (;;) {
    const patient = random.below(Math.min(CALLERS, plan.patients));
    const at = observationOf(plan, patient, random);
    if (SHOWN_STATUSES.has(observation(plan, at).status)) return { patient, observation: at };
  }
};

/** Encounters go round the patients, observations round the encounters. */
const observationOf = (plan: DataPlan, patient: number, random: Random): number => {
  const visits = Math.ceil((plan.encounters - patient) / plan.patients);
  const visit = patient + plan.patients * random.below(visits);
  const count = Math.ceil((plan.observations - visit) / plan.encounters);
  return visit + plan.encounters * random.below(count);
};

/** The same of one of the patients whom the practitioner of that number is the general practitioner of. */
export const treatedObservation = (plan: DataPlan, practitioner: number, random: Random): OwnObservation => {
  const panel = Math.ceil((plan.patients - practitioner) / plan.practitioners);
  const patient = practitioner + plan.practitioners * random.below(panel);
  return { patient, observation: observationOf(plan, patient, random) };
};
