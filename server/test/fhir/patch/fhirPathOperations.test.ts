import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { FHIRPATH_PATCH_OPERATIONS_MAX } from '../../../src/fhir/patch/fhirpath/operations.ts';
import { readPatch } from '../../../src/fhir/patch/patch.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { faultOf, NAMES, parametersOf, parsed, patchedText, patient, type Operation } from './support.ts';

let definitions: Definitions;
beforeAll(async () => {
  definitions = await r4Definitions();
});

const patched = (resource: object | string, ...operations: Operation[]) =>
  patchedText(definitions, resource, ...operations);
const expectPatched = (resource: object, operations: Operation[], result: object) =>
  expect(JSON.parse(patched(resource, ...operations))).toEqual(result);

describe('operations', () => {
  const VALUE = { valueString: 'x' };

  test('delete takes with it what is empty without it', () => {
    expectPatched(NAMES, [{ type: 'delete', path: 'Patient.contact.gender' }], {
      ...NAMES,
      contact: undefined,
    });
    expectPatched(
      patient({ name: [{ given: ['a'] }, { given: ['b'] }] }),
      [{ type: 'delete', path: 'Patient.name[0].given' }],
      patient({ name: [{ given: ['b'] }] }),
    );
  });

  test('delete of what is not there is no fault', () => {
    expect(patched(NAMES, { type: 'delete', path: 'Patient.birthDate' })).toBe(JSON.stringify(NAMES));
  });

  test.each([
    ['delete of several', { type: 'delete', path: 'Patient.name' }, 'leads to 2 elements'],
    ['delete of the resource', { type: 'delete', path: 'Patient' }, 'the resource itself'],
    ['add to several', { type: 'add', path: 'Patient.name', name: 'family', value: VALUE }, '2 elements'],
    ['add to nothing', { type: 'add', path: 'Patient.text', name: 'status', value: VALUE }, 'no element'],
    [
      'add of the unknown',
      { type: 'add', path: 'Patient', name: 'foo', value: VALUE },
      'no element of the given name',
    ],
    [
      'add of what only prototypes have',
      { type: 'add', path: 'Patient', name: 'constructor', value: VALUE },
      'given name',
    ],
    [
      'add of what is there',
      { type: 'add', path: 'Patient', name: 'active', value: { valueBoolean: false } },
      'there already',
    ],
    [
      'add of unknown parts',
      { type: 'add', path: 'Patient', name: 'link', value: { part: [{ name: 'x', ...VALUE }] } },
      'names no element',
    ],
    ['replace of several', { type: 'replace', path: 'Patient.name', value: VALUE }, '2 elements'],
    [
      'replace of nothing',
      { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '2020' } },
      'no element',
    ],
    [
      'insert beyond the end',
      { type: 'insert', path: 'Patient.contact', index: 2, value: VALUE },
      'which has 1 items',
    ],
    [
      'insert into no list',
      { type: 'insert', path: 'Patient.active', index: 0, value: VALUE },
      'items of one list',
    ],
    [
      'insert into nothing',
      { type: 'insert', path: 'Patient.photo', index: 0, value: VALUE },
      'a list is begun with add',
    ],
    [
      'insert into the resource',
      { type: 'insert', path: 'Patient', index: 0, value: VALUE },
      'items of one list',
    ],
    [
      'insert into several lists',
      { type: 'insert', path: 'Patient.name.given', index: 0, value: VALUE },
      'one list',
    ],
    [
      'insert into part of one',
      { type: 'insert', path: 'Patient.name[0]', index: 0, value: VALUE },
      'one list',
    ],
    [
      'move beyond the end',
      { type: 'move', path: 'Patient.name', source: 0, destination: 2 },
      'which has 2 items',
    ],
    [
      'move from beyond the end',
      { type: 'move', path: 'Patient.name', source: 2, destination: 0 },
      'which has 2 items',
    ],
  ])('%s cannot be', (_name, operation, text) => {
    const first = { type: 'delete', path: 'Patient.birthDate' };
    const { category, issues } = faultOf(() => patched(NAMES, first, operation as Operation));
    expect(category).toBe('unprocessable');
    expect(issues[0]?.expression).toEqual(['Parameters.parameter[1]']);
    expect(issues[0]?.diagnostics).toContain(`Operation 1 (${operation.type}) cannot be applied: `);
    expect(issues[0]?.diagnostics).toContain(text);
  });

  const PATH = { name: 'path', valueString: 'Patient' };
  const operation = (...part: object[]) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'operation', part }],
  });
  const type = (code: string) => ({ name: 'type', valueCode: code });
  test.each([
    ['no Parameters', { resourceType: 'Patient' }, 'resourceType'],
    ['no object', [], 'resourceType'],
    ['no list', { resourceType: 'Parameters', parameter: {} }, 'Parameters.parameter'],
    [
      'another name',
      { resourceType: 'Parameters', parameter: [{ name: 'op' }] },
      'Parameters.parameter[0].name',
    ],
    ['no type', operation(PATH), 'Parameters.parameter[0]'],
    [
      'no parts',
      { resourceType: 'Parameters', parameter: [{ name: 'operation' }] },
      'Parameters.parameter[0]',
    ],
    ['another type', operation(type('remove'), PATH), 'Parameters.parameter[0].part[0]'],
    ['a type of the prototype', operation(type('constructor'), PATH), 'Parameters.parameter[0].part[0]'],
    ['no path', operation(type('delete')), 'Parameters.parameter[0]'],
    [
      'a path that is no text',
      operation(type('delete'), { name: 'path', valueInteger: 1 }),
      'Parameters.parameter[0].part[1]',
    ],
    [
      'a path that is none',
      operation(type('delete'), { name: 'path', valueString: '.' }),
      'Parameters.parameter[0].part[1]',
    ],
    ['a part twice', operation(type('delete'), PATH, PATH), 'Parameters.parameter[0].part[2]'],
    ['a part without a name', operation(type('delete'), PATH, {}), 'Parameters.parameter[0].part[2]'],
    ['an unknown part', operation(type('delete'), PATH, { name: 'x' }), 'Parameters.parameter[0].part[2]'],
    [
      'a part of another type',
      operation(type('delete'), PATH, { name: 'value', valueString: 'x' }),
      'Parameters.parameter[0].part[2]',
    ],
    ['no value', operation(type('replace'), PATH), 'Parameters.parameter[0]'],
    ['no name', operation(type('add'), PATH, { name: 'value', valueString: 'x' }), 'Parameters.parameter[0]'],
    [
      'an index below 0',
      operation(
        type('move'),
        PATH,
        { name: 'source', valueInteger: -1 },
        { name: 'destination', valueInteger: 0 },
      ),
      'Parameters.parameter[0].part[2]',
    ],
    [
      'an index that is no integer',
      operation(
        type('insert'),
        PATH,
        { name: 'index', valueDecimal: 0.5 },
        { name: 'value', valueString: 'x' },
      ),
      'Parameters.parameter[0].part[2]',
    ],
    [
      'too many',
      parametersOf(
        ...Array.from({ length: FHIRPATH_PATCH_OPERATIONS_MAX + 1 }, () => ({
          type: 'delete',
          path: 'Patient.id',
        })),
      ),
      'Parameters.parameter',
    ],
  ])('%s: refused as a whole', (_name, patch, expression) => {
    const { category, issues } = faultOf(() =>
      readPatch('application/fhir+json', parsed(JSON.stringify(patch)), definitions),
    );
    expect(category).toBe('incorrect');
    expect(issues[0]?.expression).toEqual([expression]);
  });
});
