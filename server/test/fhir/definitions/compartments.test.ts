import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CompartmentDefinition } from '@medplum/fhirtypes';
import { COMPARTMENT_TYPES, compartmentOf } from '../../../src/fhir/definitions/compartments.ts';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';

const archive = sharedPath('data/r4-core-4.0.1.tgz');
/** The specification's example is of a compartment that R4 does not have. */
const EXAMPLE = 'example';
/** In HL7's tables: the resource itself. */
const ITSELF = '{def}';

test('there are the five of R4', () => {
  expect(COMPARTMENT_TYPES).toEqual(['Device', 'Encounter', 'Patient', 'Practitioner', 'RelatedPerson']);
  expect(compartmentOf('Group')).toBeUndefined();
  expect(compartmentOf('constructor')).toBeUndefined();
});

describe('every parameter of a compartment', () => {
  let definitions: Definitions;
  beforeAll(async () => {
    definitions = await r4Definitions();
  });

  test.each(COMPARTMENT_TYPES)('of %s is a reference to it', (compartmentType) => {
    const compartment = definitions.compartment(compartmentType)!;
    expect(compartment.type).toBe(compartmentType);
    for (const [type, codes] of compartment.resource) {
      for (const code of codes) {
        const parameter = definitions.searchParameter(type, code);
        expect([type, code, parameter?.type]).toEqual([type, code, 'reference']);
        expect(parameter?.target).toContain(compartmentType);
      }
    }
  });
});

(archive ? describe : describe.skip)("HL7's package", () => {
  const published = new Map<string, CompartmentDefinition>();
  beforeAll(() => {
    for (const { name, content } of archivedFiles(archive ?? '')) {
      if (!name.includes('/CompartmentDefinition-')) continue;
      const definition = JSON.parse(content.toString('utf8')) as CompartmentDefinition;
      if (definition.id !== EXAMPLE) published.set(definition.code, definition);
    }
  });

  test('has the same compartments, parameter by parameter', () => {
    expect([...published.keys()].sort()).toEqual(COMPARTMENT_TYPES);
    for (const [type, { resource }] of published) {
      const codes = (resource ?? []).filter(({ param }) => param !== undefined);
      const expected = codes.map(({ code, param }): [string, string[]] => [
        code,
        param!.filter((name) => name !== ITSELF),
      ]);
      expect([...compartmentOf(type)!.resource]).toEqual(expected);
    }
  });
});
