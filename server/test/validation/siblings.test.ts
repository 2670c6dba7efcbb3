import { beforeAll, describe, expect, test } from '@jest/globals';
import { createValidator } from '../../src/validation/createValidator.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { issuesNow } from '../support/validation.ts';

let validator: Validator;

beforeAll(async () => {
  validator = createValidator(await r4Definitions());
});

const EXTENSION = { extension: [{ url: 'http://x', valueString: 'y' }] };

/** What is found in a Patient, as `rule expression`. */
function patient(content: object): string[] {
  return issuesNow(validator, { resourceType: 'Patient', ...content }).map(
    ({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`,
  );
}
const name = (content: object): string[] => patient({ name: [content] });

describe('the _sibling of a primitive', () => {
  test('has its id and extensions', () => {
    expect(patient({ birthDate: '2020', _birthDate: { id: 'a', ...EXTENSION } })).toEqual([]);
    expect(patient({ _birthDate: EXTENSION })).toEqual([]);
  });

  test.each([
    ['an array', [EXTENSION], 'json-type Patient.birthDate'],
    ['a string', 'x', 'json-type Patient.birthDate'],
    ['null', null, 'json-type Patient.birthDate'],
    ['empty', {}, 'empty-object Patient.birthDate'],
    ['with a value', { value: 1 }, 'unknown-element Patient.birthDate.value'],
    [
      'with a bad extension',
      { extension: [{ url: 'http://u' }] },
      'extension-content Patient.birthDate.extension[0]',
    ],
  ])('%s', (_name, sibling, fault) => {
    expect(patient({ _birthDate: sibling })).toEqual([fault]);
  });

  test('does not exist for objects, element ids and narratives', () => {
    expect(patient({ _name: [{ id: 'a' }] })).toEqual(['unknown-element Patient._name']);
    expect(name({ text: 'x', _id: EXTENSION })).toEqual(['unknown-element Patient.name[0]._id']);
    expect(
      patient({
        text: { status: 'empty', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>', _div: EXTENSION },
      }),
    ).toEqual(['unknown-element Patient.text._div']);
    expect(patient({ extension: [{ url: 'http://u', _url: EXTENSION, valueCode: 'x' }] })).toEqual([
      'unknown-element Patient.extension[0]._url',
    ]);
  });
});

describe('the _sibling of a repeating primitive', () => {
  test('runs parallel, with null where there is nothing', () => {
    expect(name({ given: ['a', 'b'], _given: [null, EXTENSION] })).toEqual([]);
    expect(name({ given: ['a', null], _given: [null, EXTENSION] })).toEqual([]);
    expect(name({ _given: [EXTENSION, EXTENSION] })).toEqual([]);
  });

  test.each([
    ['a null without a sibling', { given: ['a', null] }, ['null-value Patient.name[0].given[1]']],
    [
      'null in both',
      { given: ['a', null], _given: [EXTENSION, null] },
      ['null-value Patient.name[0].given[1]'],
    ],
    ['null in the only array', { _given: [EXTENSION, null] }, ['null-value Patient.name[0].given[1]']],
    [
      'a longer sibling',
      { given: ['a'], _given: [EXTENSION, EXTENSION] },
      ['array-alignment Patient.name[0].given'],
    ],
    [
      'a shorter sibling',
      { given: ['a', 'b'], _given: [EXTENSION] },
      ['array-alignment Patient.name[0].given'],
    ],
    ['an object', { given: ['a'], _given: EXTENSION }, ['json-type Patient.name[0].given']],
    ['an empty array', { given: ['a'], _given: [] }, ['empty-array Patient.name[0].given']],
    ['an item that is a string', { given: ['a'], _given: ['b'] }, ['json-type Patient.name[0].given[0]']],
    ['an empty item', { given: ['a'], _given: [{}] }, ['empty-object Patient.name[0].given[0]']],
    [
      'a fault far inside',
      { given: ['a', 'b'], _given: [null, { extension: [{ url: 'http://u', valueDate: 'x' }] }] },
      ['format-date Patient.name[0].given[1].extension[0].value'],
    ],
  ])('%s', (_name, content, expected) => {
    expect(name(content)).toEqual(expected);
  });
});
