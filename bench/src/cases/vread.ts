import { observationId } from '../data/plan.ts';
import type { BenchCase } from './case.ts';

const REQUESTS = 8_192;

/** Read the first version of an Observation by its version. */
export const vread: BenchCase = {
  name: 'vread',
  title: 'vread Observation',
  floor: 'read',
  writes: false,
  makeRequests: (plan, random) =>
    Array.from({ length: REQUESTS }, () => {
      const id = observationId(random.below(plan.observations));
      return { method: 'GET', path: `/Observation/${id}/_history/1`, answer: `"${id}"` };
    }),
};
