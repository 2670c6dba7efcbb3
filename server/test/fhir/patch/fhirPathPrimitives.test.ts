import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { patchedText, patient, type Operation } from './support.ts';

let definitions: Definitions;
beforeAll(async () => {
  definitions = await r4Definitions();
});

const patched = (resource: object | string, ...operations: Operation[]) =>
  patchedText(definitions, resource, ...operations);
const expectPatched = (resource: object, operations: Operation[], result: object) =>
  expect(JSON.parse(patched(resource, ...operations))).toEqual(result);

describe('primitives keep values and extensions together', () => {
  const EXTENSION = { extension: [{ url: 'urn:e', valueString: 'x' }] };

  test('a replaced value takes its extensions with it', () => {
    expectPatched(
      patient({ birthDate: '2020', _birthDate: EXTENSION }),
      [{ type: 'replace', path: 'Patient.birthDate', value: { valueDate: '2021' } }],
      patient({ birthDate: '2021' }),
    );
    expectPatched(
      patient({ birthDate: '2020' }),
      [{ type: 'replace', path: 'Patient.birthDate', value: { valueDate: '2021', _valueDate: EXTENSION } }],
      patient({ birthDate: '2021', _birthDate: EXTENSION }),
    );
    expectPatched(
      patient({ birthDate: '2020' }),
      [{ type: 'replace', path: 'Patient.birthDate', value: { _valueDate: EXTENSION } }],
      patient({ _birthDate: EXTENSION }),
    );
  });

  test('one that has only extensions is there, too', () => {
    expectPatched(
      patient({ _birthDate: EXTENSION }),
      [{ type: 'replace', path: 'Patient.birthDate', value: { valueDate: '2021' } }],
      patient({ birthDate: '2021' }),
    );
    const add = { type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '2021' } };
    expect(() => patched(patient({ _birthDate: EXTENSION }), add)).toThrow('birthDate is there already');
    expectPatched(
      patient({ _birthDate: EXTENSION }),
      [{ type: 'delete', path: 'Patient.birthDate' }],
      patient({}),
    );
  });

  test('in lists they move together', () => {
    const name = { given: ['a', null, 'c'], _given: [null, EXTENSION, null] };
    const of = (given: unknown[], _given?: unknown[]) =>
      patient({ name: [_given ? { given, _given } : { given }] });
    const run = (operation: Operation, result: object) =>
      expectPatched(patient({ name: [name] }), [operation], result);
    run({ type: 'delete', path: 'Patient.name.given[0]' }, of([null, 'c'], [EXTENSION, null]));
    run({ type: 'delete', path: 'Patient.name.given[1]' }, of(['a', 'c']));
    run(
      { type: 'move', path: 'Patient.name.given', source: 1, destination: 0 },
      of([null, 'a', 'c'], [EXTENSION, null, null]),
    );
    run(
      {
        type: 'insert',
        path: 'Patient.name.given',
        index: 3,
        value: { valueString: 'd', _valueString: EXTENSION },
      },
      of(['a', null, 'c', 'd'], [null, EXTENSION, null, EXTENSION]),
    );
    run({ type: 'replace', path: 'Patient.name.given[1]', value: { valueString: 'b' } }, of(['a', 'b', 'c']));
    run(
      { type: 'add', path: 'Patient.name[0]', name: 'given', value: { valueString: 'd' } },
      of(['a', null, 'c', 'd'], [null, EXTENSION, null, null]),
    );
  });

  test('extensions are added, changed and deleted below them', () => {
    const add = (path: string): Operation => ({
      type: 'add',
      path,
      name: 'extension',
      value: {
        part: [
          { name: 'url', valueUri: 'urn:e' },
          { name: 'value', valueString: 'x' },
        ],
      },
    });
    expectPatched(
      patient({ birthDate: '2020' }),
      [add('Patient.birthDate')],
      patient({ birthDate: '2020', _birthDate: EXTENSION }),
    );
    expectPatched(
      patient({ name: [{ given: ['a', 'b'] }] }),
      [add('Patient.name.given[1]')],
      patient({ name: [{ given: ['a', 'b'], _given: [null, EXTENSION] }] }),
    );
    const change = {
      type: 'replace',
      path: "Patient.birthDate.extension('urn:e').value",
      value: { valueBoolean: true },
    };
    expectPatched(
      patient({ birthDate: '2020', _birthDate: EXTENSION }),
      [change],
      patient({ birthDate: '2020', _birthDate: { extension: [{ url: 'urn:e', valueBoolean: true }] } }),
    );
    const remove = { type: 'delete', path: "Patient.birthDate.extension.where(url = 'urn:e')" };
    expectPatched(
      patient({ birthDate: '2020', _birthDate: EXTENSION }),
      [remove],
      patient({ birthDate: '2020' }),
    );
    expectPatched(patient({ _birthDate: EXTENSION }), [remove], patient({}));
    const ofName = { type: 'delete', path: 'Patient.name.given.extension' };
    expectPatched(
      patient({ name: [{ given: ['a', null], _given: [null, EXTENSION] }] }),
      [ofName],
      patient({ name: [{ given: ['a'] }] }),
    );
    expectPatched(
      patient({ name: [{ given: ['a'], _given: [EXTENSION] }] }),
      [ofName],
      patient({ name: [{ given: ['a'] }] }),
    );
  });
});

describe('choices', () => {
  const observation = (more: object) => ({ resourceType: 'Observation', status: 'final', ...more });

  test('are named without their type, which the value tells', () => {
    const quantity = { valueQuantity: { value: 1, unit: 'kg' } };
    expectPatched(
      observation({}),
      [{ type: 'add', path: 'Observation', name: 'value', value: quantity }],
      observation(quantity),
    );
    expectPatched(
      observation({ valueString: 'x', _valueString: { id: 'a' } }),
      [{ type: 'replace', path: 'Observation.value', value: quantity }],
      observation(quantity),
    );
    expectPatched(observation(quantity), [{ type: 'delete', path: 'Observation.value' }], observation({}));
    expectPatched(
      observation(quantity),
      [{ type: 'replace', path: '(Observation.value as Quantity).unit', value: { valueString: 'g' } }],
      observation({ valueQuantity: { value: 1, unit: 'g' } }),
    );
  });

  test('can be named in full, too', () => {
    expectPatched(
      observation({}),
      [{ type: 'add', path: 'Observation', name: 'valueString', value: { valueString: 'x' } }],
      observation({ valueString: 'x' }),
    );
    expectPatched(
      observation({ valueString: 'x' }),
      [{ type: 'replace', path: 'Observation.valueString', value: { valueInteger: 1 } }],
      observation({ valueInteger: 1 }),
    );
  });

  test('are of one type at a time', () => {
    const add = { type: 'add', path: 'Observation', name: 'value', value: { valueString: 'x' } };
    expect(() => patched(observation({ valueInteger: 1 }), add)).toThrow('value is there already');
  });

  test('take no type that they do not have', () => {
    const add = { type: 'add', path: 'Observation', name: 'value', value: { valueMoney: { value: 1 } } };
    expect(() => patched(observation({}), add)).toThrow('but the value is of the type Money');
    const parts = { type: 'add', path: 'Observation', name: 'value', value: { part: [] } };
    expect(() => patched(observation({}), parts)).toThrow('cannot be made of parts');
  });
});
