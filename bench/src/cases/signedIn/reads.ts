import { observationId, patientId, type DataPlan } from '../../data/plan.ts';
import type { Random } from '../../data/random.ts';
import { TARGET_CONNECTIONS, type BenchCase, type BenchRequest } from '../case.ts';
import {
  doctorCallers,
  ownObservation,
  patientCallers,
  treatedObservation,
  type OwnObservation,
} from './callers.ts';

/** Of the few resources that 16 callers see. */
const REQUESTS = 2_048;

const signedInRead = {
  floor: 'read',
  connections: [TARGET_CONNECTIONS],
  writes: false,
} as const satisfies Partial<BenchCase>;

/** Half Patient, half Observation, as in the case `read`. */
const readOf = (at: number, { patient, observation }: OwnObservation, caller?: string): BenchRequest => {
  const [type, id] = at % 2 ? ['Patient', patientId(patient)] : ['Observation', observationId(observation)];
  const request = { method: 'GET', path: `/${type}/${id}`, answer: `"${id}"` } as const;
  return caller === undefined ? request : { ...request, caller };
};

const ownReads = (plan: DataPlan, random: Random, callers: readonly { id: string }[]): BenchRequest[] =>
  Array.from({ length: REQUESTS }, (_, at) => {
    const own = ownObservation(plan, random);
    return readOf(at, own, callers[own.patient]?.id);
  });

/** Patients read what is about themselves: token, a policy that the resource itself answers, audit. */
export const readAsPatient: BenchCase = {
  ...signedInRead,
  name: 'read-as-patient',
  title: 'read by id as its patient',
  target: 0.5,
  callers: patientCallers,
  makeRequests: (plan, random) => ownReads(plan, random, patientCallers(plan)),
};

/** The same reads by the administrator, whom no policy limits: the difference is what the policy costs. */
export const readWithoutPolicy: BenchCase = {
  ...signedInRead,
  name: 'read-without-policy',
  title: 'the same reads, no policy',
  makeRequests: (plan, random) => ownReads(plan, random, []),
};

/** Doctors read what is about their patients: a policy that only the database can answer. */
export const readAsDoctor: BenchCase = {
  ...signedInRead,
  name: 'read-as-doctor',
  title: "read by id as the patient's doctor",
  callers: doctorCallers,
  makeRequests: (plan, random) => {
    const doctors = doctorCallers(plan);
    return Array.from({ length: REQUESTS }, (_, at) => {
      const number = random.below(Math.min(doctors.length, plan.patients));
      return readOf(at, treatedObservation(plan, number, random), doctors[number]?.id);
    });
  },
};
