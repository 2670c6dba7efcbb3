import { loadRoles } from '@maxray/fhir-profiles';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../src/records/caller.ts';
import { GateWorld, refusal } from './world.ts';

let world: GateWorld;

interface Stored {
  resourceType: string;
  id: string;
  [name: string]: unknown;
}
const to = (reference: string) => ({ reference });
const text = { text: 'x' };

/** One patient's record, cared for by a doctor, radiographed by another, insured and supplied by organisations. */
const recordOf = (name: string, doctor: string, insurer: string, pharmacy: string): Stored[] => [
  { resourceType: 'Patient', id: name, active: true },
  {
    resourceType: 'Encounter',
    id: `enc-${name}`,
    status: 'finished',
    class: { code: 'VR' },
    subject: to(`Patient/${name}`),
    participant: [{ individual: to(doctor) }],
  },
  {
    resourceType: 'Observation',
    id: `obs-${name}`,
    status: 'final',
    code: text,
    subject: to(`Patient/${name}`),
  },
  { resourceType: 'Condition', id: `con-${name}`, code: text, subject: to(`Patient/${name}`) },
  {
    resourceType: 'MedicationRequest',
    id: `med-${name}`,
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: text,
    subject: to(`Patient/${name}`),
    dispenseRequest: { performer: to(pharmacy) },
  },
  {
    resourceType: 'ServiceRequest',
    id: `srv-${name}`,
    status: 'active',
    intent: 'order',
    subject: to(`Patient/${name}`),
    performer: [to('Practitioner/radiographer')],
  },
  {
    resourceType: 'Coverage',
    id: `cov-${name}`,
    status: 'active',
    beneficiary: to(`Patient/${name}`),
    payor: [to(insurer)],
  },
  {
    resourceType: 'Claim',
    id: `clm-${name}`,
    status: 'active',
    type: text,
    use: 'claim',
    patient: to(`Patient/${name}`),
    created: '2026-01-01',
    insurer: to(insurer),
    provider: to('Organization/clinic'),
    priority: text,
    insurance: [{ sequence: 1, focal: true, coverage: to(`Coverage/cov-${name}`) }],
  },
];

const PEOPLE = ['doctor-a', 'doctor-b', 'radiographer'].map((id) => ({ resourceType: 'Practitioner', id }));
const PLACES = ['clinic', 'insurer-a', 'insurer-b', 'pharmacy-a', 'pharmacy-b'].map((id) => ({
  resourceType: 'Organization',
  id,
}));
const WORLD: Stored[] = [
  ...PEOPLE,
  ...PLACES,
  ...recordOf('a', 'Practitioner/doctor-a', 'Organization/insurer-a', 'Organization/pharmacy-a'),
  ...recordOf('b', 'Practitioner/doctor-b', 'Organization/insurer-b', 'Organization/pharmacy-b'),
];
const TYPES = [...new Set(WORLD.map(({ resourceType }) => resourceType))];

beforeAll(async () => {
  world = await GateWorld.open();
  await world.put(...WORLD);
});
afterAll(() => world.close());

const roles = new Map(loadRoles().map(({ role, policy }) => [role, policy]));
const caller = (role: string, who: { profile?: string; organizations?: string[] }) =>
  world.withPolicy(roles.get(role)!, who);

async function searched(by: Caller): Promise<string[]> {
  const found: string[] = [];
  for (const type of TYPES) {
    if (by.access !== 'unrestricted' && by.access.condition(type, 'search') === false) continue;
    found.push(...(await world.search(by, type, '_count=100')).matches);
  }
  return found.sort();
}

async function readable(by: Caller): Promise<string[]> {
  const found: string[] = [];
  for (const { resourceType, id } of WORLD) {
    const outcome = await refusal(world.records.read(by, resourceType, id));
    if (outcome === 'none') found.push(`${resourceType}/${id}`);
    else expect(['not-found', 'forbidden']).toContain(outcome);
  }
  return found.sort();
}

async function inHistory(by: Caller): Promise<string[]> {
  const { entries } = await world.records.changeHistory(by, undefined, { count: 1000 });
  return [...new Set(entries.map(({ type, id }) => `${type}/${id}`))].sort();
}

const WHO: Record<string, { profile: string; organizations?: string[] }> = {
  PATIENT: { profile: 'Patient/a' },
  DOCTOR: { profile: 'Practitioner/doctor-a' },
  NURSE: { profile: 'Practitioner/doctor-a', organizations: ['Organization/clinic'] },
  PARAMEDIC: { profile: 'Practitioner/doctor-a' },
  RADIOGRAPHER: { profile: 'Practitioner/radiographer' },
  LAB_TECHNICIAN: { profile: 'Practitioner/radiographer' },
  PHARMACIST: { profile: 'Practitioner/doctor-b', organizations: ['Organization/pharmacy-a'] },
  INSURANCE_PROVIDER: { profile: 'Practitioner/doctor-b', organizations: ['Organization/insurer-a'] },
  BILLING: { profile: 'Practitioner/doctor-b' },
  ADMIN: { profile: 'Practitioner/doctor-b' },
};

describe.each(Object.entries(WHO))('%s', (role, who) => {
  test('is shown the same by searches, reads and the history', async () => {
    const by = caller(role, who);
    const found = await searched(by);
    expect(found.length).toBeGreaterThan(0);
    expect(await readable(by)).toEqual(found);
    expect(await inHistory(by)).toEqual(found);
  });
});

const recordsSeen = async (role: string) =>
  (await readable(caller(role, WHO[role]!))).filter((name) => !/^(Practitioner|Organization)\//.test(name));
const allOf = (name: string) =>
  recordOf(name, '', '', '')
    .map(({ resourceType, id }) => `${resourceType}/${id}`)
    .sort();

test('a patient sees the own record only, and all of it', async () => {
  expect(await recordsSeen('PATIENT')).toEqual(allOf('a'));
});

test('a doctor sees the clinical record of the patients of own encounters', async () => {
  const seen = await recordsSeen('DOCTOR');
  expect(seen).toEqual(
    expect.arrayContaining(['Patient/a', 'Observation/obs-a', 'Condition/con-a', 'Encounter/enc-a']),
  );
  expect(seen.filter((name) => name.endsWith('b'))).toEqual([]);
});

test('a pharmacist sees the prescriptions sent to the own pharmacy', async () => {
  const seen = await recordsSeen('PHARMACIST');
  expect(seen).toEqual(expect.arrayContaining(['MedicationRequest/med-a', 'Patient/a']));
  expect(seen.filter((name) => name.endsWith('b'))).toEqual([]);
  expect(seen).not.toContain('Claim/clm-a');
});

test('an insurer sees the claims and coverages addressed to it', async () => {
  const seen = await recordsSeen('INSURANCE_PROVIDER');
  expect(seen).toEqual(expect.arrayContaining(['Claim/clm-a', 'Coverage/cov-a']));
  expect(seen.filter((name) => name.endsWith('b'))).toEqual([]);
  expect(seen).not.toContain('Observation/obs-a');
});

test('a radiographer sees the patients and orders that were given to the own hands', async () => {
  const seen = await recordsSeen('RADIOGRAPHER');
  expect(seen).toEqual(expect.arrayContaining(['Patient/a', 'Patient/b', 'ServiceRequest/srv-a']));
  expect(seen).not.toContain('Claim/clm-a');
});

test('$everything brings what the role may see', async () => {
  const { matches, included } = await world.everything(caller('DOCTOR', WHO.DOCTOR!), 'a');
  const names = [...matches, ...included];
  expect(names).toEqual(expect.arrayContaining(['Patient/a', 'Observation/obs-a']));
  expect(names).not.toContain('Claim/clm-a');
  expect(await refusal(world.everything(caller('DOCTOR', WHO.DOCTOR!), 'b'))).toBe('not-found');
});
