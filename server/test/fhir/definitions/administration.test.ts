import { beforeAll, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { r4Definitions } from '../../support/definitions.ts';

let definitions: Definitions;

beforeAll(async () => {
  definitions = await r4Definitions();
});

const TYPES = ['AccessPolicy', 'Bot', 'ClientApplication', 'Project', 'ProjectMembership', 'User'];

test.each(TYPES)('%s is a type that administers, and none of R4', (name) => {
  expect(definitions.isResourceType(name)).toBe(true);
  expect(definitions.isAdministrative(name)).toBe(true);
  expect(definitions.resourceTypes).not.toContain(name);
});

test('the others of the package are not there, and those of R4 do not administer', () => {
  for (const name of ['Login', 'JsonWebKey', 'AsyncJob', 'DicomStudy', 'IdentityProvider'])
    expect([name, definitions.isResourceType(name)]).toEqual([name, false]);
  expect(definitions.isAdministrative('Patient')).toBe(false);
});

test('they have their own search parameters and those of every resource, and bring none to types of R4', () => {
  const codes = (type: string) => definitions.searchParameters(type).map(({ code }) => code);
  expect(codes('ProjectMembership')).toEqual(
    expect.arrayContaining(['_id', 'user', 'profile', 'access-policy']),
  );
  expect(codes('User')).toEqual(expect.arrayContaining(['email', 'external-id']));
  expect(codes('Location')).not.toContain('physical-type');
});

test('they have ids, parts with extensions, targets by their names and the invariants of every DomainResource', () => {
  const { elements, constraints } = definitions.type('ProjectMembership')!;
  const element = (name: string) => elements.find((one) => one.name === name)!;
  expect(element('id').types).toEqual([{ code: 'id' }]);
  expect(element('user').types[0]!.targets).toEqual(['Bot', 'ClientApplication', 'User']);
  expect(element('access').children!.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['id', 'extension', 'modifierExtension', 'policy', 'parameter']),
  );
  expect(constraints!.map(({ key }) => key)).toEqual(expect.arrayContaining(['dom-2', 'dom-3']));
});

test('their bindings can be checked', () => {
  const { requiredValueSet } = definitions
    .type('ClientApplication')!
    .elements.find(({ name }) => name === 'status')!;
  expect(Object.values(definitions.codes(requiredValueSet!)!).flat()).toContain('active');
});
