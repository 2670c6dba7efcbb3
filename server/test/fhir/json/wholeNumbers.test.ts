import { expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/json/parse.ts';
import { wholeNumberFaults } from '../../../src/fhir/json/wholeNumbers.ts';
import { r4Definitions } from '../../support/definitions.ts';

const definitions = await r4Definitions();

const faults = (text: string) =>
  wholeNumberFaults(definitions, parseJson(Buffer.from(text))).map(({ expression }) => expression![0]);

test.each([
  ['a fraction', '{"resourceType":"Patient","multipleBirthInteger":2.0}', 'Patient.multipleBirth'],
  [
    'an exponent',
    '{"resourceType":"Patient","telecom":[{"rank":1},{"rank":1e0}]}',
    'Patient.telecom[1].rank',
  ],
  ['minus nothing', '{"resourceType":"Patient","multipleBirthInteger":-0}', 'Patient.multipleBirth'],
  [
    'an extension of a primitive',
    '{"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://x","valueInteger":1E2}]}}',
    'Patient.birthDate.extension[0].value',
  ],
  [
    'a contained resource',
    '{"resourceType":"Patient","contained":[{"resourceType":"Location","extension":[{"url":"x","valueUnsignedInt":0.0}]}]}',
    'Patient.contained[0].extension[0].value',
  ],
  [
    'an element that is defined by another one',
    '{"resourceType":"Questionnaire","item":[{"item":[{"maxLength":5.0}]}]}',
    'Questionnaire.item[0].item[0].maxLength',
  ],
  [
    'an entry of a Bundle',
    '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","multipleBirthInteger":1.0}}]}',
    'Bundle.entry[0].resource.multipleBirth',
  ],
])('an integer with %s is told at its place', (_what, text, expression) => {
  expect(faults(text)).toEqual([expression]);
});

test.each([
  ['digits alone', '{"resourceType":"Patient","multipleBirthInteger":-12}'],
  [
    'decimals',
    '{"resourceType":"Observation","valueQuantity":{"value":2.0},"component":[{"valueQuantity":{"value":1e3}}]}',
  ],
  [
    'decimals in extensions',
    '{"resourceType":"Patient","extension":[{"url":"http://x","valueDecimal":5.0}]}',
  ],
  ['what no integer can be, for the validator', '{"resourceType":"Patient","multipleBirthInteger":2.50}'],
  ['elements that there are not', '{"resourceType":"Patient","nonsense":{"more":[2.0]},"constructor":1.0}'],
  ['what is no resource', '[1.0,[2.0],{"resourceType":5,"a":1.0},{"resourceType":"Nonsense","a":1.0}]'],
])('nothing is told of %s', (_what, text) => {
  expect(faults(text)).toEqual([]);
});

test('some are told of many', () => {
  const ranks = Array.from({ length: 100 }, () => '{"rank":1.0}').join(',');
  expect(faults(`{"resourceType":"Patient","telecom":[${ranks}]}`)).toHaveLength(20);
});
