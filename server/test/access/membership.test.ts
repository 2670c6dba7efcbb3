import { expect, test } from '@jest/globals';
import type { AccessPolicy, ProjectMembership } from '@medplum/fhirtypes';
import { POLICIES_MAX, assignedPolicies } from '../../src/access/membership.ts';
import { policy } from './support.ts';

const membership = (more: Partial<ProjectMembership>): ProjectMembership => ({
  resourceType: 'ProjectMembership',
  project: { reference: 'Project/1' },
  user: { reference: 'User/1' },
  profile: { reference: 'Practitioner/1' },
  ...more,
});
const named = (name: string, more: Partial<AccessPolicy> = {}): AccessPolicy => ({
  ...policy(),
  name,
  ...more,
});
const reading = (policies: Record<string, AccessPolicy>) => (reference: string) =>
  Promise.resolve(policies[reference]);
const names = (assigned: { policies: { policy: AccessPolicy }[] }) =>
  assigned.policies.map((one) => one.policy.name);

test('the policy of the membership, and parameterised ones', async () => {
  const unit = named('unit', {
    resource: [{ resourceType: 'Patient', criteria: 'Patient?organization=%unit' }],
  });
  const assigned = await assignedPolicies(
    membership({
      admin: true,
      accessPolicy: { reference: 'AccessPolicy/a' },
      access: [
        {
          policy: { reference: 'AccessPolicy/unit' },
          parameter: [
            { name: 'unit', valueReference: { reference: 'Organization/1' } },
            { name: 'unit', valueReference: { reference: 'Organization/2' } },
            { name: 'code', valueString: 'x' },
          ],
        },
      ],
    }),
    reading({ 'AccessPolicy/a': named('a'), 'AccessPolicy/unit': unit }),
  );
  expect(names(assigned)).toEqual(['a', 'unit']);
  expect(assigned).toMatchObject({
    administrator: true,
    faults: [],
    references: ['AccessPolicy/a', 'AccessPolicy/unit'],
  });
  expect(assigned.policies[0]!.parameters.size).toBe(0);
  expect([...assigned.policies[1]!.parameters]).toEqual([
    ['unit', [{ reference: 'Organization/1' }, { reference: 'Organization/2' }]],
    ['code', [{ text: 'x' }]],
  ]);
});

test('one that is not active assigns nothing, not even administration', async () => {
  const inactive = membership({ active: false, admin: true, accessPolicy: { reference: 'AccessPolicy/a' } });
  const assigned = await assignedPolicies(inactive, reading({ 'AccessPolicy/a': named('a') }));
  expect(assigned).toEqual({ administrator: false, policies: [], references: [], faults: [] });
});

test('policies that others are based on count, each once', async () => {
  const based = (...of: string[]) => ({ basedOn: of.map((reference) => ({ reference })) });
  const assigned = await assignedPolicies(
    membership({ accessPolicy: { reference: 'AccessPolicy/a' } }),
    reading({
      'AccessPolicy/a': named('a', based('AccessPolicy/b', 'AccessPolicy/c')),
      'AccessPolicy/b': named('b', based('AccessPolicy/a', 'AccessPolicy/c')),
      'AccessPolicy/c': named('c'),
    }),
  );
  expect(names(assigned)).toEqual(['a', 'b', 'c']);
});

test('what is not there, and a parameter that is not given, is noted', async () => {
  const unit = named('unit', {
    resource: [{ resourceType: 'Patient', criteria: 'Patient?organization=%unit' }],
  });
  const assigned = await assignedPolicies(
    membership({
      accessPolicy: { reference: 'AccessPolicy/gone' },
      access: [{ policy: { reference: 'AccessPolicy/unit' } }],
    }),
    reading({ 'AccessPolicy/unit': unit }),
  );
  expect(assigned.references).toEqual(['AccessPolicy/gone', 'AccessPolicy/unit']);
  expect(assigned.faults).toEqual([
    { expression: 'ProjectMembership.accessPolicy', text: expect.stringContaining('There is no policy') },
    { expression: 'ProjectMembership.access[0]', text: expect.stringContaining('unit') },
  ]);
});

test('a chain without end ends', async () => {
  let count = 0;
  const endless = () => Promise.resolve(named('n', { basedOn: [{ reference: `AccessPolicy/${count++}` }] }));
  const assigned = await assignedPolicies(
    membership({ accessPolicy: { reference: 'AccessPolicy/first' } }),
    endless,
  );
  expect(assigned.policies).toHaveLength(POLICIES_MAX);
  expect(assigned.faults).toHaveLength(1);
});
