import { describe, expect, test } from '@jest/globals';
import { loadProfiles, loadRoles } from '@maxray/fhir-profiles';
import { readdirSync } from 'node:fs';

const roles = loadRoles();

test('there is one for each code of maxray-role, each in a file of its name', () => {
  const codes = loadProfiles().find(({ id }) => id === 'maxray-role');
  const known = codes?.resourceType === 'CodeSystem' ? codes.concept?.map(({ code }) => code) : [];
  expect(roles.map(({ role }) => role)).toEqual(known);
  const files = roles.map(({ policy }) => `AccessPolicy-${policy.id}.json`);
  expect([...files, 'reasons.json'].sort()).toEqual(readdirSync('fhir-profiles/roles').sort());
});

describe.each(roles.map((one) => [one.role, one] as const))('%s', (_, { policy, purpose, groups }) => {
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
