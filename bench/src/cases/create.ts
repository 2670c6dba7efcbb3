import { observation } from '../data/observation.ts';
import type { BenchCase } from './case.ts';

const REQUESTS = 4_096;

/** Create Observation: the server chooses the id. With what the floor does without: its row in the audit log, its row in `changes`. */
export const create: BenchCase = {
  name: 'create',
  title: 'create Observation',
  floor: 'create',
  target: 0.25,
  writes: true,
  makeRequests: (plan, random) => {
    const first = plan.observations + random.below(1_000_000_000);
    return Array.from({ length: REQUESTS }, (_, at) => {
      const body = { ...observation(plan, first + at), id: undefined };
      return { method: 'POST', path: '/Observation', body: JSON.stringify(body), answer: '"Observation"' };
    });
  },
};
