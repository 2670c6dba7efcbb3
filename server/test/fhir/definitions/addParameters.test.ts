import { beforeAll, expect, test } from '@jest/globals';
import { addParameters, concreteBases } from '../../../src/fhir/definitions/addParameters.ts';
import { LiveDefinitions } from '../../../src/fhir/definitions/liveDefinitions.ts';
import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import { r4Definitions } from '../../support/definitions.ts';

const made = (code: string, ...base: string[]): SearchParameterDefinition => ({
  url: `urn:${code}`,
  code,
  type: 'token',
  base,
  expression: 'Resource.language',
});

let fhir: Definitions;
beforeAll(async () => {
  fhir = await r4Definitions();
});

test('an added parameter is known on its types, by code and by URL, behind those of FHIR', () => {
  const one = made('one', 'Patient', 'Group');
  const definitions = addParameters(fhir, [one]);
  expect(definitions.searchParameters('Patient')).toEqual([...fhir.searchParameters('Patient'), one]);
  expect(definitions.searchParameter('Group', 'one')).toBe(one);
  expect(definitions.searchParameter('Person', 'one')).toBeUndefined();
  expect(definitions.searchParameterByUrl('urn:one')).toBe(one);
  expect(definitions.searchParameter('Patient', 'name')).toBe(fhir.searchParameter('Patient', 'name'));
});

test('types that get none keep their list, so that nothing made from it is made anew', () => {
  const definitions = addParameters(fhir, [made('one', 'Patient')]);
  expect(definitions.searchParameters('Group')).toBe(fhir.searchParameters('Group'));
  expect(definitions.searchParameters('Patient')).toBe(definitions.searchParameters('Patient'));
});

test('one that is pending is known by its URL, and as pending', () => {
  const definitions = addParameters(fhir, [], [made('one', 'Patient')]);
  expect(definitions.searchParameter('Patient', 'one')).toBeUndefined();
  expect(definitions.searchParameters('Patient')).toBe(fhir.searchParameters('Patient'));
  expect(definitions.searchParameterByUrl('urn:one')).toMatchObject({ code: 'one' });
  expect(definitions.isPending!('Patient', 'one')).toBe(true);
  expect(definitions.isPending!('Group', 'one')).toBe(false);
  expect(definitions.isPending!('Patient', 'name')).toBe(false);
});

test('abstract bases mean their descendants', () => {
  expect(concreteBases(fhir, ['Resource'])).toEqual(fhir.resourceTypes);
  expect(concreteBases(fhir, ['DomainResource'])).not.toContain('Binary');
  expect(concreteBases(fhir, ['DomainResource'])).toContain('Patient');
  expect(concreteBases(fhir, ['Group', 'Patient'])).toEqual(['Group', 'Patient']);
  expect(concreteBases(fhir, ['HumanName'])).toEqual([]);
});

test('whoever holds live definitions sees the parameters that were exchanged', () => {
  const live = new LiveDefinitions(fhir);
  const { searchParameters } = live;
  const before = live.searchParameters('Patient');
  expect(live.isPending('Patient', 'one')).toBe(false);
  live.exchange(addParameters(fhir, [], [made('one', 'Patient')]));
  expect(live.isPending('Patient', 'one')).toBe(true);
  expect(live.searchParameters('Patient')).toBe(before);
  live.exchange(addParameters(fhir, [made('one', 'Patient')]));
  expect(live.searchParameter('Patient', 'one')).toMatchObject({ url: 'urn:one' });
  expect(live.searchParameterByUrl('urn:one')).toMatchObject({ code: 'one' });
  expect(searchParameters.call(live, 'Patient')).toHaveLength(before.length + 1);
  expect(live.type('Patient')).toBe(fhir.type('Patient'));
  expect(live.resourceTypes).toBe(fhir.resourceTypes);
  expect(live.compartment('Patient')).toBe(fhir.compartment('Patient'));
});
