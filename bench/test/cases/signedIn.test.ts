import { expect, test } from '@jest/globals';
import type { Observation } from '@medplum/fhirtypes';
import { caseNamed } from '../../src/cases/all.ts';
import { dataPlan } from '../../src/data/plan.ts';
import { Random } from '../../src/data/random.ts';
import { resources } from '../../src/data/resources.ts';

const plan = dataPlan(0.03);
const stored = new Map([...resources(plan)].map((each) => [`${each.resourceType}/${each.id}`, each]));
const requestsOf = (name: string) => caseNamed(name).makeRequests(plan, new Random(plan.seed, 1));
const callersOf = (name: string) =>
  new Map((caseNamed(name).callers?.(plan) ?? []).map((caller) => [caller.id, caller]));

/** Whom a resource is about. */
const subjectOf = (path: string): string => {
  const resource = stored.get(path.slice(1));
  if (!resource) throw new Error(`${path} is not among the data`);
  return resource.resourceType === 'Patient'
    ? `Patient/${resource.id}`
    : ((resource as Observation).subject?.reference ?? '');
};

test.each([
  ['read-as-patient', 16],
  ['read-as-doctor', 16],
  ['search-as-patient', 16],
])('requests of %s are those of %d callers', (name, count) => {
  const named = new Set(requestsOf(name).map(({ caller }) => caller));
  expect([...named].sort()).toEqual([...callersOf(name).keys()].sort());
  expect(named.size).toBe(count);
});

test('patients read what is about themselves, in every place that the policy shows', () => {
  for (const { path, caller } of requestsOf('read-as-patient')) {
    expect(subjectOf(path)).toBe(callersOf('read-as-patient').get(caller ?? '')?.profile);
    const { status } = stored.get(path.slice(1)) as Observation;
    if (path.startsWith('/Observation')) expect(['final', 'amended', 'corrected']).toContain(status);
  }
});

test('doctors read what is about patients whose general practitioners they are', () => {
  for (const { path, caller } of requestsOf('read-as-doctor')) {
    expect(stored.get(subjectOf(path))).toMatchObject({
      generalPractitioner: [{ reference: callersOf('read-as-doctor').get(caller ?? '')?.profile }],
    });
  }
});

test.each([
  ['read-as-patient', 'read-without-policy'],
  ['search-as-patient', 'search-without-policy'],
])('%s asks what %s asks', (limited, unlimited) => {
  const without = requestsOf(unlimited);
  expect(without.every(({ caller }) => caller === undefined)).toBe(true);
  expect(requestsOf(limited).map(({ path }) => path)).toEqual(without.map(({ path }) => path));
});
