import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadRoles } from '@maxray/fhir-profiles';
import type { AccessContext } from '../../../src/access/context.ts';
import { policyFaults, policyParameters } from '../../../src/access/rules/policyFaults.ts';
import { ALL, DOCTOR, inRole, openRoles, PARAMEDIC, ways, type Person } from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openRoles();
});

describe.each(loadRoles().map(({ role, policy }) => [role, policy] as const))('%s', (role, policy) => {
  test('is without fault, and everything in it can be used', () => {
    expect(policyFaults(context, policy)).toEqual([]);
    expect(policyParameters(policy)).toEqual(role === 'PARAMEDIC' ? ['vehicle'] : []);
    const person: Person = { ...PARAMEDIC, profile: role === 'PATIENT' ? 'Patient/ada' : 'Practitioner/p' };
    const access = inRole(context, role, {
      ...person,
      patient: 'Patient/ada',
      organizations: ['Organization/o'],
    });
    expect(access.faults).toEqual([]);
  });

  test('opens nothing that administers the server, and to nobody without a profile', () => {
    const access = inRole(context, role, { profile: 'Practitioner/p' });
    for (const type of ['User', 'ClientApplication', 'AccessPolicy', 'ProjectMembership', 'Bot', 'Project']) {
      for (const one of ALL) expect(access.condition(type, one)).toBe(false);
    }
    if (role !== 'ADMIN') {
      for (const type of [
        'AuditEvent',
        'Provenance',
        'Binary',
        'Subscription',
        'SearchParameter',
        'Bundle',
      ]) {
        for (const one of ALL) expect([type, one, access.condition(type, one)]).toEqual([type, one, false]);
      }
      expect(ALL.filter((one) => access.condition('Patient', one) === true)).toEqual(
        role === 'BILLING' ? ALL.slice(0, 4) : [],
      );
    }
  });

  test('deletes nothing, unless it is the administrator’s', () => {
    const access = inRole(context, role, { ...DOCTOR, patient: 'Patient/ada' });
    const deletes = context.definitions.resourceTypes.filter(
      (type) => access.condition(type, 'delete') !== false,
    );
    expect(deletes.length > 0).toBe(role === 'ADMIN');
  });

  test('goes by keys, over at most one reference and one _has', () => {
    const access = inRole(context, role, { ...DOCTOR, patient: 'Patient/ada' });
    for (const type of context.definitions.resourceTypes) {
      for (const way of ways(access.condition(type, 'search'))) {
        const steps = way.split('.').length - 1 + way.split('_has:').length - 1;
        expect([type, way, steps <= 2]).toEqual([type, way, true]);
      }
    }
  });
});
