import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CANONICAL_BASE, loadExamples } from '@maxray/fhir-profiles';
import type { Resource } from '@maxray/server/src/fhir/resource.ts';
import type { Validator } from '@maxray/server/src/validation/validator.ts';
import { errorsOf, openR4, ruleOf, type R4 } from '@maxray/server/test/validation/profiles/support.ts';
import { ownValidator } from './support/validator.ts';

const examples = loadExamples();
const byName = examples.map((example) => [`${example.profile}/${example.name}`, example] as const);

describe('the example', () => {
  let r4: R4;
  let validator: Validator;
  beforeAll(async () => {
    r4 = await openR4();
    validator = ownValidator(r4);
  });
  afterAll(() => r4.remove());

  test.each(byName)('%s claims its profile, and is good FHIR R4', async (_, { profile, resource }) => {
    expect(resource.meta?.profile).toEqual([`${CANONICAL_BASE}/StructureDefinition/${profile}`]);
    expect(await validator.validate(resource as unknown as Resource, { mode: 'base' })).toEqual([]);
  });

  test.each(byName)('%s passes or fails as it says', async (_, { resource, issues }) => {
    const errors = errorsOf(await validator.validate(resource as unknown as Resource));
    const found = errors.map((issue) => {
      return { rule: issue.details?.coding?.[1]?.code ?? ruleOf(issue), expression: issue.expression?.[0] };
    });
    expect(found).toEqual(issues);
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
