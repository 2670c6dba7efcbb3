import { observationId, patientId } from '../data/plan.ts';
import type { BenchCase } from './case.ts';

const REQUESTS = 8_192;

/** Read by id, half Patient and half Observation, ids at random. */
export const read: BenchCase = {
  name: 'read',
  title: 'read by id',
  floor: 'read',
  target: 0.75,
  writes: false,
  makeRequests: (plan, random) =>
    Array.from({ length: REQUESTS }, (_, at) => {
      const [type, id] =
        at % 2
          ? ['Patient', patientId(random.below(plan.patients))]
          : ['Observation', observationId(random.below(plan.observations))];
      return { method: 'GET', path: `/${type}/${id}`, answer: `"${id}"` };
    }),
};
