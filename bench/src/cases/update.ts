import { patientId } from '../data/plan.ts';
import { patient } from '../data/patient.ts';
import type { BenchCase } from './case.ts';

const REQUESTS = 8_192;
const REVISIONS = 999_999;

/** Update Patient: patients at random, each time with another telephone number and name suffix. */
export const update: BenchCase = {
  name: 'update',
  title: 'update Patient',
  floor: 'create',
  target: 0.3,
  writes: true,
  makeRequests: (plan, random) =>
    Array.from({ length: REQUESTS }, () => {
      const index = random.below(plan.patients);
      const body = JSON.stringify(patient(plan, index, 1 + random.below(REVISIONS)));
      return { method: 'PUT', path: `/Patient/${patientId(index)}`, body, answer: patientId(index) };
    }),
};
