import { MRN_SYSTEM, mrnOf } from '../data/patient.ts';
import { patientId } from '../data/plan.ts';
import type { BenchCase } from './case.ts';

const REQUESTS = 8_192;

/** Find a Patient by medical record number (token with system). */
export const searchIdentifier: BenchCase = {
  name: 'search-identifier',
  title: 'Patient?identifier=',
  writes: false,
  makeRequests: (plan, random) =>
    Array.from({ length: REQUESTS }, () => {
      const index = random.below(plan.patients);
      const token = encodeURIComponent(`${MRN_SYSTEM}|${mrnOf(plan, index)}`);
      return { method: 'GET', path: `/Patient?identifier=${token}`, answer: `"${patientId(index)}"` };
    }),
};
