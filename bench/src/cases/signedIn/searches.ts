import { MEASUREMENTS } from '../../data/measurements.ts';
import { observation } from '../../data/observation.ts';
import { patientId, type DataPlan } from '../../data/plan.ts';
import type { Random } from '../../data/random.ts';
import { TARGET_CONNECTIONS, type BenchCase, type BenchRequest } from '../case.ts';
import { codeTerm } from '../search/terms.ts';
import { ownObservation, patientCallers } from './callers.ts';

/** Of the few resources that 16 callers see. */
const REQUESTS = 1_024;

const ownSearch = {
  connections: [TARGET_CONNECTIONS],
  writes: false,
} as const satisfies Partial<BenchCase>;

/** The latest of what was measured of a patient at least once. */
const searches = (plan: DataPlan, random: Random, callers: readonly { id: string }[]): BenchRequest[] =>
  Array.from({ length: REQUESTS }, () => {
    const own = ownObservation(plan, random);
    const loinc = observation(plan, own.observation).code?.coding?.[0]?.code;
    const measured = MEASUREMENTS.find((each) => each.loinc === loinc);
    if (!measured) throw new Error(`no measurement has the code ${loinc}`);
    const caller = callers[own.patient]?.id;
    return {
      method: 'GET',
      path: `/Observation?patient=Patient/${patientId(own.patient)}&code=${codeTerm(measured)}&_sort=-date&_count=20`,
      answer: '"mode":"match"',
      ...(caller !== undefined && { caller }),
    };
  });

/** What the next one is held against. */
export const searchWithoutPolicy: BenchCase = {
  ...ownSearch,
  name: 'search-without-policy',
  title: 'the same searches, no policy',
  makeRequests: (plan, random) => searches(plan, random, []),
};

/** Patients search what is about themselves. */
export const searchAsPatient: BenchCase = {
  ...ownSearch,
  name: 'search-as-patient',
  title: 'Observation?patient&code as that patient',
  against: 'search-without-policy',
  target: 0.8,
  callers: patientCallers,
  makeRequests: (plan, random) => searches(plan, random, patientCallers(plan)),
};
