import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Resource } from '../../../src/fhir/resource.ts';
import { faultsOf, openR4, OWN, profile, type R4 } from './support.ts';

const URL = 'http://example.org/p';

let r4: R4;
beforeAll(async () => {
  r4 = await openR4();
});
afterAll(() => r4.remove());

const faults = (resource: Resource, definitions: StructureDefinition[], codes?: string[]) =>
  faultsOf(r4, resource, definitions, codes);

const PATIENT = { resourceType: 'Patient' };
const OBSERVATION = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
const coding = (code: string, system = URL) => ({ system, code });
const concept = (code: string) => ({ coding: [coding(code)] });

describe('what a profile asks of an element', () => {
  test('how often it is there', async () => {
    const own = [
      profile('Patient', [
        { path: 'Patient.name', min: 1 },
        { path: 'Patient.name.family', min: 1 },
        { path: 'Patient.gender', max: '0' },
        { path: 'Patient.telecom', max: '1' },
      ]),
    ];
    expect(await faults(PATIENT, own)).toEqual(['profile-cardinality-min Patient.name']);
    const telecom = [
      { system: 'phone', value: '1' },
      { system: 'phone', value: '2' },
    ];
    const wrong = { ...PATIENT, name: [{ family: 'a' }, { text: 'b' }], gender: 'male', telecom };
    expect(await faults(wrong, own)).toEqual([
      'profile-cardinality-min Patient.name[1].family',
      'profile-cardinality-max Patient.telecom[1]',
      'profile-cardinality-max Patient.gender',
    ]);
    expect(
      await faults({ ...PATIENT, name: [{ _family: { extension: [{ url: URL, valueCode: 'x' }] } }] }, own),
    ).toEqual([]);
  });

  test('what stands beside a primitive, also where nothing does', async () => {
    const extension = { url: URL, valueCode: 'x' };
    const needs = (element: string) => [profile('Patient', [{ path: `Patient.${element}`, min: 1 }])];
    const born = { ...PATIENT, birthDate: '2020' };
    expect(await faults(born, needs('birthDate.extension'))).toEqual([
      'profile-cardinality-min Patient.birthDate.extension',
    ]);
    expect(await faults(born, needs('birthDate.id'))).toEqual([
      'profile-cardinality-min Patient.birthDate.id',
    ]);
    expect(await faults({ ...born, _birthDate: { id: 'a' } }, needs('birthDate.id'))).toEqual([]);
    expect(await faults(PATIENT, needs('birthDate.extension'))).toEqual([]);
    const named = (name: object) => faults({ ...PATIENT, name: [name] }, needs('name.given.extension'));
    expect(await named({ given: ['a'] })).toEqual([
      'profile-cardinality-min Patient.name[0].given[0].extension',
    ]);
    expect(await named({ given: ['a', 'b'], _given: [null, { extension: [extension] }] })).toEqual([
      'profile-cardinality-min Patient.name[0].given[0].extension',
    ]);
    const sliced = profile('Patient', [
      {
        path: 'Patient.birthDate.extension',
        slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' },
      },
      { path: 'Patient.birthDate.extension', sliceName: 'own', min: 1 },
      { path: 'Patient.birthDate.extension.url', fixedUri: URL, id: 'Patient.birthDate.extension:own.url' },
    ]);
    expect(await faults({ ...born, _birthDate: { extension: [extension] } }, [sliced])).toEqual([]);
    expect(await faults(born, [sliced])).toEqual(['profile-slice-min Patient.birthDate.extension']);
  });

  test('fixed values and patterns', async () => {
    const own = [
      profile('Observation', [
        { path: 'Observation.status', fixedCode: 'final' },
        { path: 'Observation.code', patternCodeableConcept: concept('a') },
        { path: 'Observation.bodySite', fixedCodeableConcept: concept('a') },
      ]),
    ];
    const extra = { coding: [coding('b'), { ...coding('a'), display: 'A' }], text: 'more' };
    expect(await faults({ ...OBSERVATION, code: extra, bodySite: concept('a') }, own)).toEqual([]);
    expect(await faults({ ...OBSERVATION, status: 'amended', bodySite: extra }, own)).toEqual([
      'profile-fixed Observation.status',
      'profile-pattern Observation.code',
      'profile-fixed Observation.bodySite',
    ]);
  });

  test('lengths and bounds, those of dates by what they cover', async () => {
    const own = [
      profile('Patient', [
        { path: 'Patient.birthDate', minValueDate: '2000-06-01', maxValueDate: '2010-01-01' },
        { path: 'Patient.name.family', maxLength: 3 },
        { path: 'Patient.multipleBirth[x]', type: [{ code: 'integer' }], maxValueInteger: 3 },
      ]),
    ];
    const at = (birthDate: string) => faults({ ...PATIENT, birthDate }, own);
    expect([await at('2000-06-01'), await at('2000'), await at('2010-01-01')]).toEqual([[], [], []]);
    expect(await at('2000-05')).toEqual(['profile-min-value Patient.birthDate']);
    expect(await at('2010-01-02')).toEqual(['profile-max-value Patient.birthDate']);
    expect(await faults({ ...PATIENT, name: [{ family: '𝒜𝒜𝒜' }] }, own)).toEqual([]);
    expect(await faults({ ...PATIENT, name: [{ family: 'long' }], multipleBirthInteger: 4 }, own)).toEqual([
      'profile-max-length Patient.name[0].family',
      'profile-max-value Patient.multipleBirth',
    ]);
    const long = [
      profile('Patient', [
        { path: 'Patient.birthDate', minValueDuration: { value: 100, code: 'a' } } as never,
      ]),
    ];
    expect(await faults({ ...PATIENT, birthDate: '1850-01-01' }, long)).toEqual([
      'profile-min-value Patient.birthDate',
    ]);
    expect(await faults({ ...PATIENT, birthDate: '1950-01-01' }, long)).toEqual([]);
  });

  test('bounds of quantities, in whatever unit of UCUM', async () => {
    const quantity = (value: number, code: string, more: object = {}) => ({
      value,
      code,
      system: 'http://unitsofmeasure.org',
      ...more,
    });
    const own = [
      profile('Observation', [
        { path: 'Observation.value[x]', type: [{ code: 'Quantity' }] },
        {
          path: 'Observation.value[x]',
          minValueQuantity: quantity(100, 'mg'),
          maxValueQuantity: quantity(2, 'g'),
        },
      ]),
    ];
    const at = (value: number, code: string, more?: object) =>
      faults({ ...OBSERVATION, valueQuantity: quantity(value, code, more) }, own);
    for (const [value, code] of [
      [0.1, 'g'],
      [100, 'mg'],
      [0.002, 'kg'],
      [1e6, 'ug'],
    ] as const)
      expect(await at(value, code)).toEqual([]);
    expect(await at(0.099, 'g')).toEqual(['profile-min-value Observation.value']);
    expect(await at(3, 'g')).toEqual(['profile-max-value Observation.value']);
    expect(await at(0.0021, 'kg')).toEqual(['profile-max-value Observation.value']);
    // What cannot be compared breaks nothing.
    expect(await at(1000, 'm')).toEqual([]);
    expect(await at(1000, 'g', { system: 'http://x' })).toEqual([]);
    // Of `> 1 g` it is only known what it is more than.
    expect(await at(50, 'mg', { comparator: '>' })).toEqual([]);
    expect(await at(50, 'mg', { comparator: '<' })).toEqual(['profile-min-value Observation.value']);
    expect(await at(2, 'g', { comparator: '>' })).toEqual(['profile-max-value Observation.value']);
    expect(await at(2, 'g', { comparator: '>=' })).toEqual([]);
  });

  test('which types a choice may have, also where the name tells the type', async () => {
    const narrowed = [
      profile('Observation', [
        { path: 'Observation.value[x]', type: [{ code: 'Quantity' }, { code: 'string' }] },
      ]),
    ];
    expect(await faults({ ...OBSERVATION, valueBoolean: true }, narrowed)).toEqual([
      'profile-choice-type Observation.value',
    ]);
    expect(await faults({ ...OBSERVATION, valueString: 'x' }, narrowed)).toEqual([]);
    const renamed = [
      profile('Observation', [
        { path: 'Observation.valueQuantity', min: 1 },
        { path: 'Observation.valueQuantity.code', min: 1 },
      ]),
    ];
    expect(await faults(OBSERVATION, renamed)).toContain('profile-cardinality-min Observation.value');
    expect(await faults({ ...OBSERVATION, valueString: 'x' }, renamed)).toContain(
      'profile-choice-type Observation.value',
    );
    expect(await faults({ ...OBSERVATION, valueQuantity: { value: 1 } }, renamed)).toEqual([
      'profile-cardinality-min Observation.value.code',
    ]);
  });

  test('codes of a value set', async () => {
    const binding = { strength: 'required', valueSet: 'http://example.org/vs' } as const;
    const own = [
      profile('Observation', [
        { path: 'Observation.code', binding },
        { path: 'Observation.valueQuantity.code', binding },
      ]),
    ];
    const codes = [`${URL}|a`];
    const code = { coding: [coding('b'), coding('a')] };
    expect(
      await faults({ ...OBSERVATION, code, valueQuantity: { system: URL, code: 'a' } }, own, codes),
    ).toEqual([]);
    expect(
      await faults({ ...OBSERVATION, code, valueQuantity: { system: URL, code: 'b' } }, own, codes),
    ).toEqual(['profile-binding Observation.value.code']);
    expect(await faults(OBSERVATION, own, codes)).toEqual(['profile-binding Observation.code']);
    expect(await faults({ ...OBSERVATION, code: concept('b') }, own, codes)).toEqual([
      'profile-binding Observation.code',
    ]);
    expect(await faults({ ...OBSERVATION, code: concept('b') }, own)).toEqual([]);
  });

  test('value sets that the profile contains, also of one that derives from it', async () => {
    const contained = [
      {
        resourceType: 'ValueSet' as const,
        id: 'vs',
        status: 'active' as const,
        compose: { include: [{ system: 'http://x', concept: [{ code: 'a' }] }] },
      },
    ];
    const binding = { strength: 'required' as const, valueSet: '#vs' };
    const own = { ...profile('Observation', [{ path: 'Observation.code', binding }]), contained };
    const derived = profile('Observation', [{ path: 'Observation.code', min: 1 }], 'derived', own.url);
    const coded = (code: string) => ({ ...OBSERVATION, code: { coding: [{ system: 'http://x', code }] } });
    for (const profiles of [[own], [derived, own]]) {
      expect(await faults(coded('a'), profiles)).toEqual([]);
      expect(await faults(coded('b'), profiles)).toEqual(['profile-binding Observation.code']);
    }
  });

  test('invariants, with the resource that they stand in', async () => {
    const constraint = (key: string, expression: string, severity: 'error' | 'warning' = 'error') => ({
      constraint: [{ key, severity, human: 'As said', expression }],
    });
    const own = [
      profile('Observation', [
        { path: 'Observation', ...constraint('own-1', "status = 'final' or note.exists()") },
        {
          path: 'Observation.component',
          ...constraint('own-2', 'value.exists() or dataAbsentReason.exists()'),
        },
        { path: 'Observation.value[x]', ...constraint('own-3', "%resource.status = 'final'") },
        { path: 'Observation.method', ...constraint('own-4', 'text.exists()', 'warning') },
      ]),
    ];
    const good = {
      ...OBSERVATION,
      valueQuantity: { value: 1 },
      component: [{ code: {}, valueString: 'x' }],
      method: concept('x'),
    };
    expect(await faults({ ...good, component: [{ code: { text: 'x' }, valueString: 'x' }] }, own)).toEqual(
      [],
    );
    expect(
      await faults(
        { ...OBSERVATION, status: 'amended', valueString: 'x', component: [{ code: { text: 'x' } }] },
        own,
      ),
    ).toEqual([
      'profile-invariant Observation',
      'profile-invariant Observation.value',
      'profile-invariant Observation.component[0]',
    ]);
  });

  test('what a reference leads to', async () => {
    const named = profile('Patient', [{ path: 'Patient.name', min: 1 }], 'named');
    const own = [
      profile('Observation', [
        { path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [named.url!] }] },
      ]),
      named,
    ];
    const refer = (reference: string, contained: unknown[] = []) =>
      faults({ ...OBSERVATION, subject: { reference }, ...(contained.length > 0 ? { contained } : {}) }, own);
    expect(await refer('Patient/1')).toEqual([]);
    expect(await refer('http://example.org/fhir/Patient/1/_history/2')).toEqual([]);
    expect(await refer('Group/1')).toEqual(['profile-reference-type Observation.subject']);
    expect(await refer('#p', [{ ...PATIENT, id: 'p', name: [{ text: 'a' }] }])).toEqual([]);
    expect(await refer('#p', [{ ...PATIENT, id: 'p' }])).toEqual([
      'profile-reference-target Observation.subject',
    ]);
  });

  test('a base of another profile, and what is not known', async () => {
    const outer = profile('Patient', [{ path: 'Patient.birthDate', min: 1 }], 'inner', `${OWN}/outer`);
    const own = [outer, profile('Patient', [{ path: 'Patient.gender', min: 1 }], 'outer')];
    expect(await faults(PATIENT, own)).toEqual([
      'profile-cardinality-min Patient.gender',
      'profile-cardinality-min Patient.birthDate',
    ]);
    expect(await faults({ resourceType: 'Basic', code: { text: 'x' } }, own)).toEqual(['profile-type Basic']);
    const extension = { ...profile('Extension', [], 'extension'), kind: 'complex-type' as const };
    expect(await faults(PATIENT, [extension])).toEqual(['profile-type Patient']);
    expect(await faults(PATIENT, [outer])).toEqual([]);
    const circle = [profile('Patient', [], 'one', `${OWN}/two`), profile('Patient', [], 'two', `${OWN}/one`)];
    expect(await faults(PATIENT, circle)).toEqual([]);
  });

  test('an invariant of a choice is asked of the type that is there', async () => {
    const expression = '($this is Quantity) implies (value > 0)';
    const constraint = [{ key: 'own-1', severity: 'error' as const, human: 'x', expression }];
    const own = [profile('Observation', [{ path: 'Observation.value[x]', constraint }])];
    expect(await faults({ ...OBSERVATION, valueString: 'x' }, own)).toEqual([]);
    expect(await faults({ ...OBSERVATION, valueQuantity: { value: 1 } }, own)).toEqual([]);
    expect(await faults({ ...OBSERVATION, valueQuantity: { value: 0 } }, own)).toEqual([
      'profile-invariant Observation.value',
    ]);
  });
});
