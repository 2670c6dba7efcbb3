import { beforeAll, describe, expect, test } from '@jest/globals';
import { CANONICAL_BASE, loadExamples } from '@maxray/fhir-profiles';
import type { Resource } from '@maxray/server/src/fhir/resource.ts';
import { createValidator } from '@maxray/server/src/validation/createValidator.ts';
import type { Validator } from '@maxray/server/src/validation/validator.ts';
import { r4Definitions } from '@maxray/server/test/support/definitions.ts';

const examples = loadExamples();
const byName = examples.map((example) => [`${example.profile}/${example.name}`, example] as const);

describe('the example', () => {
  let validator: Validator;
  beforeAll(async () => {
    validator = createValidator(await r4Definitions());
  });

  test.each(byName)('%s claims its profile, and is good FHIR R4', async (_, { profile, resource }) => {
    expect(resource.meta?.profile).toEqual([`${CANONICAL_BASE}/StructureDefinition/${profile}`]);
    expect(await validator.validate(resource as unknown as Resource)).toEqual([]);
  });

  test.each(byName)('%s says why it fails, if it does', (_, { name, why, issues }) => {
    expect(name).toMatch(/^(passes|fails-[a-z-]+)$/);
    expect([why !== undefined, issues.length > 0]).toEqual(name === 'passes' ? [false, false] : [true, true]);
  });
});

test('no example has the id of another', () => {
  const ids = examples.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
  expect(new Set(ids).size).toBe(ids.length);
});
