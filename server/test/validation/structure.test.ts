import { beforeAll, describe, expect, test } from '@jest/globals';
import { createValidator } from '../../src/validation/createValidator.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { issuesNow } from '../support/validation.ts';

let validator: Validator;

beforeAll(async () => {
  validator = createValidator(await r4Definitions());
});

/** What is found, as `rule issue-code expression`. */
function faults(resource: unknown): string[] {
  return issuesNow(validator, resource).map(
    ({ code, details, expression }) => `${details?.coding?.[0]?.code} ${code} ${expression?.[0]}`,
  );
}

const patient = (content: object): string[] => faults({ resourceType: 'Patient', ...content });
const observation = (content: object): string[] =>
  faults({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...content });

describe('faultless resources', () => {
  test('have no issues', () => {
    expect(patient({})).toEqual([]);
    expect(
      observation({ valueQuantity: { value: 1.5, unit: 'kg' }, component: [{ code: { text: 'y' } }] }),
    ).toEqual([]);
    expect(
      patient({
        id: 'a',
        _id: { extension: [{ url: 'http://u', valueCode: 'masked' }] },
        name: [{ family: 'b' }],
      }),
    ).toEqual([]);
  });
});

describe('unknown elements', () => {
  test('are reported where they stand', () => {
    expect(patient({ nme: 'x' })).toEqual(['unknown-element structure Patient.nme']);
    expect(patient({ name: [{}, { familie: 'x' }] })).toEqual([
      'empty-object structure Patient.name[0]',
      'unknown-element structure Patient.name[1].familie',
    ]);
    expect(patient({ contact: [{ name: { given: ['a'] }, dog: 1 }] })).toEqual([
      'unknown-element structure Patient.contact[0].dog',
    ]);
    expect(patient({ meta: { project: 'x' } })).toEqual(['unknown-element structure Patient.meta.project']);
  });

  test('are not named if the name could be content', () => {
    for (const name of ['John Smith', '__proto__', '0', '', 'x'.repeat(70)]) {
      const [issue, ...others] = issuesNow(
        validator,
        JSON.parse(`{"resourceType":"Patient",${JSON.stringify(name)}:1}`),
      );
      expect(others).toEqual([]);
      expect(issue?.expression).toEqual(['Patient']);
      expect(issue?.diagnostics).toBe(
        'Patient has a property whose name is no element name: remove it or correct its name.',
      );
    }
  });

  test('include names that every object inherits in JavaScript', () => {
    expect(patient({ constructor: 'x' })).toEqual(['unknown-element structure Patient.constructor']);
    expect(patient({ toString: 'x' })).toEqual(['unknown-element structure Patient.toString']);
  });

  test('include comments of older versions', () => {
    expect(patient({ fhir_comments: ['x'] })).toEqual(['fhir-comments structure Patient']);
    expect(patient({ name: [{ family: 'x', fhir_comments: ['x'] }] })).toEqual([
      'fhir-comments structure Patient.name[0]',
    ]);
  });

  test('include resourceType where no resource stands', () => {
    expect(patient({ name: [{ resourceType: 'Patient', family: 'x' }] })).toEqual([
      'resource-type-misplaced structure Patient.name[0]',
    ]);
  });
});

describe('JSON types', () => {
  test.each([
    ['an object for an array', { name: { family: 'x' } }, 'json-type structure Patient.name'],
    ['a string for an array', { name: 'x' }, 'json-type structure Patient.name'],
    ['an array for a primitive', { gender: ['male'] }, 'json-type structure Patient.gender'],
    [
      'an array for an object',
      { maritalStatus: [{ text: 'x' }] },
      'json-type structure Patient.maritalStatus',
    ],
    ['a string for an object', { maritalStatus: 'M' }, 'json-type structure Patient.maritalStatus'],
    ['a string for a boolean', { active: 'true' }, 'json-type structure Patient.active'],
    ['a number for a string', { name: [{ family: 5 }] }, 'json-type structure Patient.name[0].family'],
    ['an object for a primitive', { gender: {} }, 'json-type structure Patient.gender'],
    [
      'a number for an array of primitives',
      { name: [{ given: 5 }] },
      'json-type structure Patient.name[0].given',
    ],
    ['an item that is no object', { name: [{ text: 'x' }, 'y'] }, 'json-type structure Patient.name[1]'],
    ['an item that is an array', { name: [[]] }, 'json-type structure Patient.name[0]'],
    [
      'a wrong primitive item',
      { name: [{ given: ['a', 5] }] },
      'json-type structure Patient.name[0].given[1]',
    ],
    [
      'a string for a decimal',
      { extension: [{ url: 'http://u', valueDecimal: '1' }] },
      'json-type structure Patient.extension[0].value',
    ],
    ['null for a primitive', { birthDate: null }, 'null-value structure Patient.birthDate'],
    ['null for an object', { maritalStatus: null }, 'null-value structure Patient.maritalStatus'],
    ['null for an array', { name: null }, 'null-value structure Patient.name'],
    ['null as an item', { name: [null] }, 'null-value structure Patient.name[0]'],
    ['an empty array', { name: [] }, 'empty-array structure Patient.name'],
    [
      'an empty array of primitives',
      { name: [{ given: [] }] },
      'empty-array structure Patient.name[0].given',
    ],
    ['an empty object', { maritalStatus: {} }, 'empty-object structure Patient.maritalStatus'],
    ['an empty string', { gender: '' }, 'empty-string value Patient.gender'],
  ])('%s', (_name, content, fault) => {
    expect(patient(content)).toEqual([fault]);
  });
});

describe('cardinality', () => {
  test('required elements must be there', () => {
    expect(faults({ resourceType: 'Observation' })).toEqual([
      'cardinality-min required Observation.status',
      'cardinality-min required Observation.code',
    ]);
    expect(patient({ link: [{ type: 'refer' }] })).toEqual([
      'cardinality-min required Patient.link[0].other',
    ]);
    expect(observation({ component: [{ valueString: 'x' }] })).toEqual([
      'cardinality-min required Observation.component[0].code',
    ]);
  });

  test('an element with extensions in place of its value is there', () => {
    expect(
      faults({
        resourceType: 'Communication',
        status: 'completed',
        payload: [{ _contentString: { extension: [{ url: 'http://x', valueCode: 'unknown' }] } }],
      }),
    ).toEqual([]);
  });

  test('a required choice must be there, by whichever type', () => {
    const statement = {
      resourceType: 'MedicationStatement',
      status: 'active',
      subject: { reference: 'Patient/1' },
    };
    expect(faults(statement)).toEqual(['cardinality-min required MedicationStatement.medication']);
    expect(faults({ ...statement, medicationCodeableConcept: { text: 'x' } })).toEqual([]);
  });

  test('a required array may not be empty', () => {
    expect(faults({ resourceType: 'OperationOutcome', issue: [] })).toEqual([
      'empty-array structure OperationOutcome.issue',
    ]);
  });
});

describe('choices', () => {
  test('may have one type only', () => {
    expect(observation({ valueString: 'x', valueInteger: 1 })).toEqual([
      'choice-multiple structure Observation.value',
    ]);
    expect(
      observation({ valueString: 'x', _valueInteger: { extension: [{ url: 'http://x', valueCode: 'y' }] } }),
    ).toEqual(['choice-multiple structure Observation.value']);
    expect(observation({ valueString: 'x', _valueString: { id: 'a' } })).toEqual([]);
  });

  test('may have only the types that are allowed', () => {
    for (const key of ['valueMoney', 'valueDecimal', 'value', '_valueMoney', 'valueXyz']) {
      expect(observation({ [key]: {} })).toEqual(['choice-type structure Observation.value']);
    }
    expect(observation({ valueless: {} })).toEqual(['unknown-element structure Observation.valueless']);
  });

  test('are checked by the type they have', () => {
    expect(observation({ valueQuantity: { value: '1' } })).toEqual([
      'json-type structure Observation.value.value',
    ]);
    expect(observation({ effectiveDateTime: '2023-02-30' })).toEqual([
      'format-date-time value Observation.effective',
    ]);
  });
});

describe('primitive formats', () => {
  test.each([
    [{ birthDate: '2023-02-30' }, 'format-date value Patient.birthDate'],
    [{ gender: ' male' }, 'format-code value Patient.gender'],
    [{ id: 'a_b' }, 'format-id value Patient.id'],
    [{ meta: { lastUpdated: '2023-01-01' } }, 'format-instant value Patient.meta.lastUpdated'],
    [{ implicitRules: 'a b' }, 'format-uri value Patient.implicitRules'],
    [{ meta: { profile: ['http://a', 'a b'] } }, 'format-canonical value Patient.meta.profile[1]'],
    [{ photo: [{ data: '%%%' }] }, 'format-base64-binary value Patient.photo[0].data'],
    [{ photo: [{ url: 'a b' }] }, 'format-url value Patient.photo[0].url'],
    [{ photo: [{ size: -1 }] }, 'format-unsigned-int value Patient.photo[0].size'],
    [{ telecom: [{ rank: 0 }] }, 'format-positive-int value Patient.telecom[0].rank'],
    [{ multipleBirthInteger: 1.5 }, 'format-integer value Patient.multipleBirth'],
    [{ text: { status: 'empty', div: '<p/>' } }, 'format-xhtml value Patient.text.div'],
    [
      { extension: [{ url: 'http://u', valueTime: '24:00:00' }] },
      'format-time value Patient.extension[0].value',
    ],
    [{ extension: [{ url: 'http://u', valueOid: '1.2' }] }, 'format-oid value Patient.extension[0].value'],
    [{ extension: [{ url: 'http://u', valueUuid: 'x' }] }, 'format-uuid value Patient.extension[0].value'],
    [
      { language: 'de', maritalStatus: { text: 'x'.repeat(1024 * 1024 + 1) } },
      'string-too-long too-long Patient.maritalStatus.text',
    ],
    [{ maritalStatus: { text: '\ud800' } }, 'string-not-unicode value Patient.maritalStatus.text'],
    [{ maritalStatus: { text: 'a\0' } }, 'string-nul value Patient.maritalStatus.text'],
  ])('%#: the fault is named by type', (content, fault) => {
    expect(patient(content)).toEqual([fault]);
  });

  test('control characters are a warning, as the specification says SHOULD', () => {
    const [issue, ...others] = issuesNow(validator, {
      resourceType: 'Basic',
      code: { text: 'a\u0013b' },
    });
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ severity: 'warning', expression: ['Basic.code.text'] });
    expect(issue?.details?.coding?.[0]?.code).toBe('control-character');
  });

  test('white space around a text, or nothing else, is a warning of $validate', () => {
    const told = (text: string, thorough = true) =>
      issuesNow(validator, { resourceType: 'Basic', code: { text } }, { thorough, mode: 'base' }).map(
        ({ severity, details }) => `${severity} ${details?.coding?.[0]?.code}`,
      );
    for (const text of [' ', ' a', 'a\n', `${'a'.repeat(100)} `]) {
      expect(told(text)).toEqual(['warning string-space']);
      expect(told(text, false)).toEqual([]);
    }
    expect(told('a b')).toEqual([]);
    const markdown = { resourceType: 'ValueSet', status: 'active', description: '    code\n' };
    expect(issuesNow(validator, markdown, { thorough: true, mode: 'base' })).toEqual([]);
  });
});
