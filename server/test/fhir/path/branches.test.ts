import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { branchesOf } from '../../../src/fhir/path/branches.ts';
import { splitUnion } from '../../../src/fhir/path/splitUnion.ts';
import { r4Definitions } from '../../support/definitions.ts';

describe('the branches of an expression', () => {
  let definitions: Definitions;
  beforeAll(async () => {
    definitions = await r4Definitions();
  });
  const texts = (expression: string, type: string) =>
    branchesOf(expression, type, definitions).map(({ text, target, path }) => [
      text,
      target,
      path !== undefined,
    ]);

  test.each([
    ['Patient.name | Person.name', 'Person', [['Person.name', undefined, true]]],
    [
      'name | alias',
      'Organization',
      [
        ['Organization.name', undefined, true],
        ['Organization.alias', undefined, true],
      ],
    ],
    [
      '(Observation.value as CodeableConcept).text',
      'Observation',
      [['Observation.value.ofType(CodeableConcept).text', undefined, true]],
    ],
    [
      'Observation.value.as(DateTime)',
      'Observation',
      [['Observation.value.ofType(dateTime)', undefined, true]],
    ],
    ['Resource.meta.tag', 'Patient', [['Resource.meta.tag', undefined, true]]],
    [
      'Observation.subject.where(resolve() is Patient)',
      'Observation',
      [['Observation.subject', 'Patient', true]],
    ],
    [
      "Patient.telecom.where(system='email')",
      'Patient',
      [["Patient.telecom.where(system='email')", undefined, true]],
    ],
    ['Bundle.entry[0].resource', 'Bundle', [['Bundle.entry[0].resource', undefined, true]]],
    [
      "Patient.extension('urn:x').value",
      'Patient',
      [["Patient.extension.where(url='urn:x').value", undefined, true]],
    ],
    [
      '(Patient.name | Patient.contact.name).family',
      'Patient',
      [
        ['Patient.name.family', undefined, true],
        ['Patient.contact.name.family', undefined, true],
      ],
    ],
    ['Patient.name.first()', 'Patient', [['Patient.name.first()', undefined, false]]],
    ['Patient.name.first() | Person.name.first()', 'Person', [['Person.name.first()', undefined, false]]],
    [
      "Patient.name.where(use = 'a' or use = 'b')",
      'Patient',
      [["Patient.name.where(use = 'a' or use = 'b')", undefined, false]],
    ],
    [
      'Patient.deceased.exists() and Patient.deceased != false',
      'Patient',
      [['Patient.deceased.exists() and Patient.deceased != false', undefined, true]],
    ],
    ['Patient.name', 'Observation', []],
  ])('%s on %s', (expression, type, expected) => {
    expect(texts(expression, type)).toEqual(expected);
  });

  test('are split at the outermost bar only, and never beside a looser operator', () => {
    expect(splitUnion("a.where(x='|') | (b | c).d|e")).toEqual(["a.where(x='|')", '(b | c).d', 'e']);
    expect(splitUnion('a and b | c')).toEqual(['a and b | c']);
    expect(splitUnion('a = 1 | b')).toEqual(['a = 1 | b']);
  });
});
