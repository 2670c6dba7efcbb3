import { encounter } from '../data/encounter.ts';
import { observation } from '../data/observation.ts';
import type { DataPlan } from '../data/plan.ts';
import type { Random } from '../data/random.ts';
import type { BenchCase } from './case.ts';

const REQUESTS = 128;
const ENTRIES = 50;

/** One Encounter and 49 Observations of it, which refer to it by its urn:uuid. */
const bundle = (plan: DataPlan, random: Random): object => {
  const visit = plan.encounters + random.below(1_000_000_000);
  const visitUrl = `urn:uuid:${random.uuid()}`;
  const encounterBody = { ...encounter(plan, visit), id: undefined };
  const observations = Array.from({ length: ENTRIES - 1 }, () => {
    const body = observation(plan, plan.observations + random.below(1_000_000_000));
    return {
      fullUrl: `urn:uuid:${random.uuid()}`,
      resource: {
        ...body,
        id: undefined,
        subject: encounterBody.subject,
        encounter: { reference: visitUrl },
      },
      request: { method: 'POST', url: 'Observation' },
    };
  });
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: visitUrl, resource: encounterBody, request: { method: 'POST', url: 'Encounter' } },
      ...observations,
    ],
  };
};

/** A transaction of 50 creates. */
export const transaction: BenchCase = {
  name: 'transaction',
  title: 'transaction of 50',
  writes: true,
  makeRequests: (plan, random) =>
    Array.from({ length: REQUESTS }, () => ({
      method: 'POST',
      path: '',
      body: JSON.stringify(bundle(plan, random)),
      answer: 'transaction-response',
    })),
};
