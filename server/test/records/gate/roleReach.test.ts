import { loadRoles } from '@maxray/fhir-profiles';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessPolicy } from '@medplum/fhirtypes';
import { body, GateWorld, refusal } from './world.ts';

const to = (reference: string) => ({ reference });
const policies = new Map(loadRoles().map(({ role, policy }) => [role, policy]));

let world: GateWorld;
beforeAll(async () => {
  world = await GateWorld.open();
  await world.put(
    { resourceType: 'Practitioner', id: 'both' },
    { resourceType: 'Practitioner', id: 'crew' },
    { resourceType: 'Organization', id: 'lab' },
    ...['own', 'foreign'].flatMap((name) => [
      { resourceType: 'Patient', id: name },
      { resourceType: 'Specimen', id: `spe-${name}`, subject: to(`Patient/${name}`) },
      {
        ...{ resourceType: 'ServiceRequest', id: `srv-${name}`, status: 'active', intent: 'order' },
        subject: to(`Patient/${name}`),
      },
    ]),
    { resourceType: 'Specimen', id: 'spe-nobody' },
    {
      ...{ resourceType: 'Encounter', id: 'enc', status: 'in-progress', class: { code: 'VR' } },
      ...{ subject: to('Patient/own'), participant: [{ individual: to('Practitioner/both') }] },
    },
    {
      ...{ resourceType: 'ServiceRequest', id: 'tests', status: 'active', intent: 'order' },
      ...{ subject: to('Patient/own'), performer: [to('Organization/lab')] },
      ...{ specimen: ['own', 'foreign', 'nobody'].map((name) => to(`Specimen/spe-${name}`)) },
    },
  );
});
afterAll(() => world.close());

const inRoles = (roles: string[], who: { profile: string; organizations?: string[] }) => {
  const resource = roles.flatMap((role) => policies.get(role)!.resource ?? []);
  // No vehicle: a rule with it opens nothing.
  return world.withPolicy({ resourceType: 'AccessPolicy', resource } as AccessPolicy, who);
};
type Caller = ReturnType<typeof inRoles>;
const read = (by: Caller, type: string, id: string) => refusal(world.records.read(by, type, id));
const put = (by: Caller, one: { resourceType: string; id: string }) =>
  refusal(world.records.update(by, one.resourceType, one.id, body(one)));

describe('who is a doctor and rides with a crew', () => {
  const both = () => inRoles(['DOCTOR', 'PARAMEDIC'], { profile: 'Practitioner/both' });
  const task = (id: string, more: object) => ({
    ...{ resourceType: 'Task', id, status: 'requested', intent: 'order' },
    ...{ requester: to('Practitioner/both'), owner: to('Practitioner/both'), ...more },
  });

  test('opens no record by a task', async () => {
    expect(await put(both(), task('t-foreign', { for: to('Patient/foreign') }))).toMatch(/^forbidden/);
    expect(await read(both(), 'Patient', 'foreign')).toBe('not-found');
    expect(await put(both(), task('t-own', { for: to('Patient/own') }))).toBe('none');
    expect(await put(both(), task('t-own', { for: to('Patient/foreign') }))).toMatch(/^forbidden/);
    expect(await put(both(), task('t-nobody', {}))).toBe('none');
    expect(await put(both(), task('t-nobody', { for: to('Patient/foreign') }))).toMatch(/^forbidden/);
  });

  test('hands own patients over to a crew, with their requests and no others', async () => {
    const handed = { owner: to('Practitioner/crew'), for: to('Patient/own') };
    expect(await put(both(), task('t-1', { ...handed, focus: to('ServiceRequest/srv-own') }))).toBe('none');
    expect(await put(both(), task('t-2', { ...handed, focus: to('ServiceRequest/srv-foreign') }))).toBe(
      'none',
    );
    const crew = inRoles(['PARAMEDIC'], { profile: 'Practitioner/crew' });
    expect(await read(crew, 'Patient', 'own')).toBe('none');
    expect(await read(crew, 'ServiceRequest', 'srv-own')).toBe('none');
    expect(await read(crew, 'ServiceRequest', 'srv-foreign')).toBe('not-found');
  });
});

test('a laboratory sees the specimens of its patients, and of orders those that are nobody’s', async () => {
  const lab = () =>
    inRoles(['LAB_TECHNICIAN'], { profile: 'Practitioner/technician', organizations: ['Organization/lab'] });
  expect(await read(lab(), 'Specimen', 'spe-own')).toBe('none');
  expect(await read(lab(), 'Specimen', 'spe-nobody')).toBe('none');
  expect(await read(lab(), 'Specimen', 'spe-foreign')).toBe('not-found');
  const taken = (id: string, patient: string) => ({
    ...{ resourceType: 'Specimen', id, subject: to(`Patient/${patient}`) },
  });
  expect(await put(lab(), taken('new-own', 'own'))).toBe('none');
  expect(await put(lab(), taken('new-foreign', 'foreign'))).toMatch(/^forbidden/);
  expect(await put(lab(), taken('new-own', 'foreign'))).toMatch(/^forbidden/);
});
