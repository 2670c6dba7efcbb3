import { encounter } from '../data/encounter.ts';
import { observation } from '../data/observation.ts';
import { patient } from '../data/patient.ts';
import { observationId, patientId, type DataPlan } from '../data/plan.ts';
import type { Random } from '../data/random.ts';
import type { BenchCase } from './case.ts';

const REQUESTS = 128;
/** Of the 50 entries: beside one Encounter, which the new Observations refer to by its urn:uuid. */
const CREATED = 33;
const UPDATED = 10;
const UPDATED_PATIENTS = 2;
const DELETED = 2;
const READ = 2;
const REVISIONS = 999_999;

/** A visit: it is recorded with its measurements, some earlier ones are corrected or deleted, and the patient is read. */
const bundle = (plan: DataPlan, random: Random): object => {
  const visitUrl = `urn:uuid:${random.uuid()}`;
  const visit = { ...encounter(plan, plan.encounters + random.below(1_000_000_000)), id: undefined };
  const measurement = (): object => ({
    ...observation(plan, plan.observations + random.below(1_000_000_000)),
    id: undefined,
    subject: visit.subject,
    encounter: { reference: visitUrl },
  });
  const corrected = () => {
    const at = random.below(plan.observations);
    const valueQuantity = { value: random.below(1_000) / 10, unit: 'mmol/L' };
    return { url: `Observation/${observationId(at)}`, resource: { ...observation(plan, at), valueQuantity } };
  };
  const changed = () => {
    const at = random.below(plan.patients);
    return { url: `Patient/${patientId(at)}`, resource: patient(plan, at, 1 + random.below(REVISIONS)) };
  };
  const put = ({ url, resource }: { url: string; resource: object }) => ({
    resource,
    request: { method: 'PUT', url },
  });
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: visitUrl, resource: visit, request: { method: 'POST', url: 'Encounter' } },
      ...times(CREATED, () => ({
        fullUrl: `urn:uuid:${random.uuid()}`,
        resource: measurement(),
        request: { method: 'POST', url: 'Observation' },
      })),
      ...distinct(UPDATED, corrected).map(put),
      ...distinct(UPDATED_PATIENTS, changed).map(put),
      // Of ids that are not there as a rule: what is deleted once is no work the next time.
      ...times(DELETED, () => ({
        request: { method: 'DELETE', url: `Observation/gone-${random.below(1_000_000_000)}` },
      })),
      ...times(READ, () => ({
        request: { method: 'GET', url: `Patient/${patientId(random.below(plan.patients))}` },
      })),
    ],
  };
};

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

/** So many with different URLs: a resource may be written only once in a transaction. */
const distinct = <T extends { url: string }>(count: number, make: () => T): T[] => {
  const found = new Map<string, T>();
  while (found.size < count) {
    const one = make();
    found.set(one.url, one);
  }
  return [...found.values()];
};

/** A transaction of 50 entries: 34 creates, 12 updates, 2 deletes, 2 reads. */
export const transaction: BenchCase = {
  name: 'transaction',
  title: 'transaction of 50 mixed entries',
  floor: 'transaction',
  target: 0.35,
  writes: true,
  makeRequests: (plan, random) =>
    times(REQUESTS, () => ({
      method: 'POST',
      path: '',
      body: JSON.stringify(bundle(plan, random)),
      answer: 'transaction-response',
    })),
};
