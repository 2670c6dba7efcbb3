import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadProfiles, loadRoles } from '@maxray/fhir-profiles';
import type { Resource } from '@maxray/server/src/fhir/resource.ts';
import type { Validator } from '@maxray/server/src/validation/validator.ts';
import { openR4, type R4 } from '@maxray/server/test/validation/profiles/support.ts';
import { readdirSync } from 'node:fs';
import { ownValidator } from './support/validator.ts';

const roles = loadRoles();

test('there is one for each code of maxray-role, each in a file of its name', () => {
  const codes = loadProfiles().find(({ id }) => id === 'maxray-role');
  const known = codes?.resourceType === 'CodeSystem' ? codes.concept?.map(({ code }) => code) : [];
  expect(roles.map(({ role }) => role)).toEqual(known);
  const files = roles.map(({ policy }) => `AccessPolicy-${policy.id}.json`);
  expect([...files, 'reasons.json'].sort()).toEqual(readdirSync('fhir-profiles/roles').sort());
});

let r4: R4;
let validator: Validator;
beforeAll(async () => {
  r4 = await openR4();
  validator = ownValidator(r4);
});
afterAll(() => r4.remove());

test('criteria of another type are no valid policy', async () => {
  const resource = [{ resourceType: 'Observation', criteria: 'Patient?active=true' }];
  const [issue] = await validator.validate({ resourceType: 'AccessPolicy', resource });
  expect(issue).toMatchObject({ code: 'invariant', expression: ['AccessPolicy.resource[0]'] });
});

describe.each(roles.map((one) => [one.role, one] as const))('%s', (_, { policy, purpose, groups }) => {
  test('is a valid AccessPolicy', async () => {
    expect(await validator.validate(policy as unknown as Resource)).toEqual([]);
  });

  test('says of each entry why it is there', () => {
    const entries = [...(policy.resource ?? [])];
    expect(purpose).toMatch(/\.$/);
    for (const group of groups) {
      const its = entries.splice(0, group.entries).map(({ resourceType }) => resourceType);
      expect([group.title, [...new Set(its)].sort()]).toEqual([group.title, group.types]);
      expect(group.why).toMatch(/\.$/);
    }
    expect(entries).toEqual([]);
  });

  test('names the interactions of each entry, and describes each constraint', () => {
    for (const { interaction = [], writeConstraint = [] } of policy.resource ?? []) {
      expect(interaction.length).toBeGreaterThan(0);
      for (const { description } of writeConstraint) expect(description).toMatch(/\.$/);
    }
  });
});
