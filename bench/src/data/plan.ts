/** How many resources of which type there are, and how they hang together. Everything else follows from it. */
export interface DataPlan {
  seed: number;
  organizations: number;
  practitioners: number;
  patients: number;
  encounters: number;
  conditions: number;
  observations: number;
}

const DEFAULT_SEED = 20_251;

/** The default set times `scale`; no type is ever empty. */
export const dataPlan = (scale: number, seed = DEFAULT_SEED): DataPlan => {
  const scaled = (count: number): number => Math.max(1, Math.round(count * scale));
  return {
    seed,
    organizations: 3,
    practitioners: 20,
    patients: scaled(1_000),
    encounters: scaled(5_000),
    conditions: scaled(4_000),
    observations: scaled(100_000),
  };
};

const ID_DIGITS = 7;
const numbered = (prefix: string) => (index: number) => `${prefix}-${String(index).padStart(ID_DIGITS, '0')}`;

export const organizationId = numbered('org');
export const practitionerId = numbered('prac');
export const patientId = numbered('pat');
export const encounterId = numbered('enc');
export const conditionId = numbered('cond');
export const observationId = numbered('obs');

/** Encounters go round the patients; observations and conditions go round the encounters. */
export const patientOfEncounter = (plan: DataPlan, encounter: number): number => encounter % plan.patients;
export const encounterOf = (plan: DataPlan, observationOrCondition: number): number =>
  observationOrCondition % plan.encounters;

/** Numbers of the streams of Random, one a type, so that no two resources share a stream. */
export const STREAM = {
  organization: 1,
  practitioner: 2,
  patient: 3,
  encounter: 4,
  condition: 5,
  observation: 6,
  requests: 7,
} as const;

export const DAY_MS = 86_400_000;
/** When the first encounter can begin, and in how many days from then they all do. */
export const FIRST_DAY_MS = Date.UTC(2019, 0, 1);
export const DAYS = 2_200;

/** When the encounter began, in milliseconds since 1970: spread over six years, in working hours. */
export const encounterStartMs = (plan: DataPlan, encounter: number): number => {
  const day = (encounter * 7_919 + plan.seed) % DAYS;
  const minute = 8 * 60 + ((encounter * 37) % (9 * 60));
  return FIRST_DAY_MS + day * DAY_MS + minute * 60_000;
};
