import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions, ElementDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Issue } from '../../../src/fhir/outcome.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import { createInvariants, type Invariants } from '../../../src/validation/invariants/createInvariants.ts';
import type { Validator } from '../../../src/validation/validator.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { issuesNow } from '../../support/validation.ts';
import { CLINICAL_CASES } from './clinicalCases.ts';
import { DEFINITION_CASES } from './definitionCases.ts';
import type { Part } from './resources.ts';

let definitions: Definitions;
let invariants: Invariants;
let validator: Validator;

beforeAll(async () => {
  definitions = await r4Definitions();
  invariants = createInvariants(definitions);
  validator = createValidator(definitions, { invariants: invariants.at });
});

describe('an invariant of R4', () => {
  /** Invariants that are broken, errors only. */
  const brokenIn = (resource: Part): Issue[] => {
    const json: unknown = JSON.parse(JSON.stringify(resource));
    return issuesNow(validator, json).filter(
      ({ code, severity }) => code === 'invariant' && severity === 'error',
    );
  };

  test.each([...CLINICAL_CASES, ...DEFINITION_CASES])(
    '%s is seen to be broken at %s',
    (key, place, broken, whole) => {
      const issues = brokenIn(broken);
      const found = issues.map(({ details, expression }) => [
        details?.coding?.map(({ code }) => code),
        expression,
      ]);
      expect(found).toContainEqual([['invariant', key], [place]]);
      expect(new Set(found.map((each) => JSON.stringify(each))).size).toBe(found.length);
      for (const { diagnostics } of issues)
        expect(diagnostics).toMatch(/: correct the element \([a-z]+-\d+\)\.$/);
      expect(brokenIn(whole)).toEqual([]);
    },
  );

  test('that only warns is asked where warnings are wanted', () => {
    const resource = { resourceType: 'Patient' };
    const keys = (thorough: boolean) =>
      issuesNow(validator, resource, { thorough }).flatMap(({ severity, details }) =>
        details?.coding?.[1] === undefined ? [] : [`${severity} ${details.coding[1].code}`],
      );
    expect(keys(false)).toEqual([]);
    expect(keys(true)).toEqual(['warning dom-6']);
  });

  test('that takes too many steps is a warning', () => {
    const concept = Array.from({ length: 400_000 }, (_, i) => ({ code: `c${i}` }));
    const resource = { resourceType: 'CodeSystem', status: 'draft', content: 'complete', concept };
    expect(issuesNow(validator, resource)).toMatchObject([
      {
        severity: 'warning',
        code: 'processing',
        details: { coding: [{ code: 'invariant-unchecked' }, { code: 'csd-1' }] },
        expression: ['CodeSystem'],
      },
    ]);
  });
});

test('every invariant of R4 is FHIRPath that can be compiled', () => {
  const wanted: string[] = [];
  const compiled: string[] = [];
  const collect = (path: string, keys: readonly { key: string }[] = []) => {
    wanted.push(...keys.map(({ key }) => `${path} ${key}`));
    compiled.push(...invariants.at(path).map(({ key }) => `${path} ${key}`));
  };
  const visit = (element: ElementDefinition) => {
    collect(element.path, element.constraints);
    element.children?.forEach(visit);
  };
  const types = [...definitions.resourceTypes, 'Period', 'Timing', 'ElementDefinition', 'Quantity', 'Age'];
  for (const name of types) {
    const type = definitions.type(name)!;
    collect(name, type.constraints);
    type.elements.forEach(visit);
  }
  expect(wanted.length).toBeGreaterThan(500);
  expect(compiled).toEqual(wanted);
});

test('an expression about what is not defined is not compiled, as one that is no FHIRPath', () => {
  expect(invariants.testOf('name.exists()', 'Patient')).toBeDefined();
  for (const type of ['Nothing', 'Patient.nothing', 'Patient.contact.nothing'])
    expect(invariants.testOf('name.exists()', type)).toBeUndefined();
  expect(invariants.testOf('name.', 'Patient')).toBeUndefined();
});
