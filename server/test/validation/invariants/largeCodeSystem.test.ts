import { beforeAll, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import { createInvariants } from '../../../src/validation/invariants/createInvariants.ts';
import type { Validator } from '../../../src/validation/validator.ts';
import { r4Definitions } from '../../support/definitions.ts';

const CONCEPTS = 200_000;

let validator: Validator;
beforeAll(async () => {
  const definitions = await r4Definitions();
  validator = createValidator(definitions, { invariants: createInvariants(definitions).at });
});

const concepts = Array.from({ length: CONCEPTS }, (_, i) => ({ code: `c${i}`, display: `Concept ${i}` }));
const rules = async (concept: readonly object[]) => {
  const system = { resourceType: 'CodeSystem', status: 'active', content: 'complete', concept };
  const issues = await validator.validate(system as unknown as Resource);
  return issues.map(({ details }) => details?.coding?.map(({ code }) => code).join());
};

test('the codes of a long list are told apart within the limit of steps', async () => {
  expect(await rules(concepts)).toEqual([]);
  expect(await rules([...concepts, { code: 'c7' }])).toEqual(['invariant,csd-1']);
});

test('codes below others are compared with all', async () => {
  const below = (code: string) => [{ code: 'a' }, { code: 'b', concept: [{ code }] }];
  expect(await rules(below('c'))).toEqual([]);
  expect(await rules(below('a'))).toEqual(['invariant,csd-1']);
});
