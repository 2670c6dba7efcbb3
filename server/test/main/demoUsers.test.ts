import { expect, test } from '@jest/globals';
import { loadRoles } from '@maxray/fhir-profiles';
import { demoUsers } from '@maxray/seed';
import { policyParameters } from '../../src/access/rules/policyFaults.ts';

const policies = new Map(loadRoles().map(({ policy }) => [policy.id, policy]));

test.each(demoUsers().map((one) => [one.email, one] as const))(
  '%s has all that the policy of the role needs to know',
  (_, { policy, parameters = {} }) => {
    expect(Object.keys(parameters)).toEqual(policyParameters(policies.get(policy)!));
  },
);
