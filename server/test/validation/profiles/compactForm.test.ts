import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/resource.ts';
import { compactStructure, type StructureElement } from '../../../src/fhir/structures/structure.ts';
import { openR4, OWN, profile, profileValidator, ruleOf, type R4 } from './support.ts';

const URL = 'http://example.org/p';

let r4: R4;
beforeAll(async () => {
  r4 = await openR4();
});
afterAll(() => r4.remove());

const OBSERVATION = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
const concept = (code: string) => ({ coding: [{ system: URL, code }] });

describe('what the compact form of a definition can ask', () => {
  /** With what compactStructure() leaves out as yet. */
  const own = (type: string, element: object) => {
    const compact = compactStructure(profile(type, []));
    return new Map([[compact.url, { ...compact, differential: [element as StructureElement] }]]);
  };
  const told = async (structures: ReturnType<typeof own>, resource: Resource, members?: string[]) => {
    const options = members ? { members: async () => new Set(members) } : {};
    const validator = profileValidator(r4, structures, options);
    const claimed = { ...resource, meta: { profile: [`${OWN}/own`] } };
    const issues = await validator.validate(claimed);
    return issues.filter(({ severity }) => severity === 'error').map(ruleOf);
  };

  test('where what a reference leads to may be', async () => {
    const contained = [{ resourceType: 'Patient', id: 'a' }];
    const by = (reference: string) => ({
      ...OBSERVATION,
      ...(reference === '#a' && { contained }),
      subject: { reference },
    });
    const from = (...aggregation: string[]) =>
      own('Observation', { path: 'Observation.subject', type: [{ code: 'Reference', aggregation }] });
    const wrong = ['profile-reference-aggregation'];
    expect(await told(from('contained'), by('#a'))).toEqual([]);
    expect(await told(from('contained'), by('Patient/a'))).toEqual(wrong);
    const bundle = from('bundled');
    expect(await told(bundle, by('#a'))).toEqual(wrong);
    expect(await told(bundle, by('Patient/a'))).toEqual([]);
    expect(await told(from('referenced'), by('Patient/a'))).toEqual([]);
    expect(await told(from('referenced'), by('#a'))).toEqual(wrong);
    expect(await told(from('referenced', 'contained'), by('#a'))).toEqual([]);
    expect(await told(from(), by('#a'))).toEqual([]);
  });

  test('which codes are allowed beyond those that are wanted', async () => {
    const binding = { strength: 'extensible', valueSet: `${URL}/wanted`, maxValueSet: `${URL}/most` };
    const structures = own('Observation', { path: 'Observation.code', binding });
    const codes = [`${URL}|a`, '|a'];
    expect(await told(structures, { ...OBSERVATION, code: concept('a') }, codes)).toEqual([]);
    expect(await told(structures, { ...OBSERVATION, code: concept('b') }, codes)).toEqual([
      'profile-binding',
    ]);
  });
});
