import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { readPatch } from '../../../src/fhir/patch/patch.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { exactly, parametersOf, parsed, patchedText, patient, type Operation } from './support.ts';

let definitions: Definitions;
beforeAll(async () => {
  definitions = await r4Definitions();
});

const patched = (resource: object | string, ...operations: Operation[]) =>
  patchedText(definitions, resource, ...operations);
const expectPatched = (resource: object, operations: Operation[], result: object) =>
  expect(JSON.parse(patched(resource, ...operations))).toEqual(result);

describe('values', () => {
  test('of anonymous types are made of parts, as deep as they go', () => {
    const value = {
      part: [
        { name: 'code', valueCodeableConcept: { text: 'a' } },
        { name: 'value', valueQuantity: { value: 2 } },
        { name: 'interpretation', valueCodeableConcept: { text: 'b' } },
        { name: 'interpretation', valueCodeableConcept: { text: 'c' } },
        {
          name: 'referenceRange',
          part: [
            { name: 'low', valueQuantity: { value: 1 } },
            { name: 'text', valueString: 't' },
          ],
        },
      ],
    };
    expectPatched(
      { resourceType: 'Observation' },
      [{ type: 'add', path: 'Observation', name: 'component', value }],
      {
        resourceType: 'Observation',
        component: [
          {
            code: { text: 'a' },
            valueQuantity: { value: 2 },
            interpretation: [{ text: 'b' }, { text: 'c' }],
            referenceRange: [{ low: { value: 1 }, text: 't' }],
          },
        ],
      },
    );
  });

  test('of types that no parameter has are made of parts: narratives, and what has the content of another element', () => {
    const value = {
      part: [
        { name: 'status', valueCode: 'generated' },
        { name: 'div', valueString: '<div xmlns="http://www.w3.org/1999/xhtml">a</div>' },
      ],
    };
    expectPatched(
      patient({}),
      [{ type: 'add', path: 'Patient', name: 'text', value }],
      patient({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">a</div>' } }),
    );
    expectPatched(
      { resourceType: 'Bundle', entry: [{ fullUrl: 'urn:a' }] },
      [
        {
          type: 'add',
          path: 'Bundle.entry[0]',
          name: 'link',
          value: {
            part: [
              { name: 'relation', valueString: 'self' },
              { name: 'url', valueUri: 'urn:b' },
            ],
          },
        },
      ],
      { resourceType: 'Bundle', entry: [{ fullUrl: 'urn:a', link: [{ relation: 'self', url: 'urn:b' }] }] },
    );
  });

  test('can be resources', () => {
    const resource = { resourceType: 'Organization', id: 'o', name: 'a' };
    expectPatched(
      patient({}),
      [{ type: 'add', path: 'Patient', name: 'contained', value: { resource } }],
      patient({ contained: [resource] }),
    );
    expectPatched(
      patient({ contained: [resource] }),
      [{ type: 'replace', path: 'Patient.contained.name', value: { valueString: 'b' } }],
      patient({ contained: [{ ...resource, name: 'b' }] }),
    );
    expectPatched(
      patient({ contained: [resource] }),
      [
        {
          type: 'insert',
          path: 'Patient.contained',
          index: 0,
          value: { resource: { resourceType: 'Basic', id: 'b' } },
        },
      ],
      patient({ contained: [{ resourceType: 'Basic', id: 'b' }, resource] }),
    );
    const wrong = { type: 'add', path: 'Patient', name: 'photo', value: { resource } };
    expect(() => patched(patient({}), wrong)).toThrow('photo is of the type Attachment');
  });

  test('of another primitive type with the same form are taken for what the element is', () => {
    expectPatched(
      patient({ gender: 'male' }),
      [{ type: 'replace', path: 'Patient.gender', value: { valueString: 'female' } }],
      patient({ gender: 'female' }),
    );
    const wrong = (value: object) => () =>
      patched(patient({ gender: 'male' }), { type: 'replace', path: 'Patient.gender', value });
    expect(wrong({ valueInteger: 1 })).toThrow(
      'gender is of the type code, but the value is of the type integer',
    );
    expect(wrong({ valueBoolean: true })).toThrow('gender is of the type code');
    expect(wrong({ valueCodeableConcept: {} })).toThrow('gender is of the type code');
    expect(wrong({})).toThrow('its value is empty');
    expect(wrong({ valueString: 'x', part: [] })).toThrow('in more than one way');
  });

  test('keep every digit, and so does what is not touched', () => {
    const text =
      '{"resourceType":"Observation","valueQuantity":{"value":1.10},"component":[{"valueQuantity":{"value":1E400}}]}';
    const patch = `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"Observation.referenceRange.where(text = 'a' or text = 'b')"},{"name":"name","valueString":"low"},{"name":"value","valueQuantity":{"value":0.50}}]}]}`;
    const withRange = text.replace('"component"', '"referenceRange":[{"text":"b"}],"component"');
    const result = readPatch('application/fhir+json', parsed(patch), definitions).apply(exactly(withRange));
    expect(JSON.stringify(result)).toBe(
      withRange.replace('{"text":"b"}', '{"text":"b","low":{"value":0.50}}'),
    );
  });

  test('are not changed by later operations of the same patch', () => {
    const parameters = parametersOf(
      { type: 'add', path: 'Patient', name: 'name', value: { valueHumanName: { family: 'a' } } },
      { type: 'replace', path: 'Patient.name.family', value: { valueString: 'b' } },
    );
    const patch = readPatch('application/json', parsed(JSON.stringify(parameters)), definitions);
    for (let i = 0; i < 2; i++)
      expect(patch.apply(exactly('{"resourceType":"Patient"}'))).toEqual({
        resourceType: 'Patient',
        name: [{ family: 'b' }],
      });
  });
});
