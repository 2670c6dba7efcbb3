import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { Resource } from '../../../src/fhir/resource.ts';
import { SLICE_TESTS_MAX } from '../../../src/validation/state.ts';
import { errorsOf, faultsOf, openR4, OWN, profile, profileValidator, type R4 } from './support.ts';

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
const component = (code: string, value?: object) => ({
  code: { coding: [{ system: URL, code }] },
  ...(value ?? { valueString: 'x' }),
});
const by = (type: string, path: string, rest: object = {}) =>
  ({ discriminator: [{ type, path }], rules: 'open', ...rest }) as ElementDefinition['slicing'] & object;

/** Components `a` (exactly one, with a Quantity) and `b` (at most one). */
const sliced = (slicing: ElementDefinition['slicing'] & object, codes: [string, string] = ['a', 'b']) =>
  profile('Observation', [
    { path: 'Observation.component', slicing },
    { path: 'Observation.component', sliceName: 'first', min: 1, max: '1' },
    {
      path: 'Observation.component.code',
      patternCodeableConcept: { coding: [{ system: URL, code: codes[0] }] },
    },
    { path: 'Observation.component.value[x]', min: 1, type: [{ code: 'Quantity' }] },
    { path: 'Observation.component', sliceName: 'second', max: '1' },
    {
      path: 'Observation.component.code',
      patternCodeableConcept: { coding: [{ system: URL, code: codes[1] }] },
    },
  ]);
const QUANTITY = { valueQuantity: { value: 1 } };
const a = component('a', QUANTITY);
const b = component('b');
const c = component('c');
const observed = (...items: object[]) => ({ ...OBSERVATION, component: items });

describe('slices', () => {
  test.each([
    ['pattern', 'code'],
    ['value', 'code'],
    ['value', 'code.coding.code'],
  ])('told by %s of %s, with their own cardinality and content', async (type, path) => {
    const own = [sliced(by(type, path))];
    expect(await faults(observed(c, b, a), own)).toEqual([]);
    expect(await faults(OBSERVATION, own)).toEqual(['profile-slice-min Observation.component']);
    expect(await faults(observed(c), own)).toEqual(['profile-slice-min Observation.component']);
    expect(await faults(observed(a, b, b), own)).toEqual(['profile-slice-max Observation.component[2]']);
    expect(await faults(observed(component('a')), own)).toEqual([
      'profile-choice-type Observation.component[0].value',
    ]);
  });

  test('closed, open at the end, ordered', async () => {
    const closed = [sliced(by('pattern', 'code', { rules: 'closed' }))];
    expect(await faults(observed(b, a), closed)).toEqual([]);
    expect(await faults(observed(a, c), closed)).toEqual(['profile-slicing-closed Observation.component[1]']);
    const atEnd = [sliced(by('pattern', 'code', { rules: 'openAtEnd' }))];
    expect(await faults(observed(b, a, c), atEnd)).toEqual([]);
    expect(await faults(observed(c, a), atEnd)).toEqual(['profile-slicing-order Observation.component[1]']);
    const ordered = [sliced(by('pattern', 'code', { ordered: true }))];
    expect(await faults(observed(a, c, b), ordered)).toEqual([]);
    expect(await faults(observed(b, a), ordered)).toEqual(['profile-slicing-order Observation.component[1]']);
  });

  test('told by a value set in memory; otherwise nothing is asked of them', async () => {
    const own = [
      profile('Observation', [
        { path: 'Observation.category', slicing: by('value', '$this', { rules: 'closed' }) },
        {
          path: 'Observation.category',
          sliceName: 'known',
          min: 1,
          binding: { strength: 'required', valueSet: 'http://example.org/vs' },
        },
      ]),
    ];
    const category = (code: string) => ({ ...OBSERVATION, category: [{ coding: [{ system: URL, code }] }] });
    expect(await faults(category('a'), own, [`${URL}|a`])).toEqual([]);
    expect(await faults(category('b'), own, [`${URL}|a`])).toEqual([
      'profile-slicing-closed Observation.category[0]',
      'profile-slice-min Observation.category',
    ]);
    expect(await faults(category('b'), own)).toEqual([]);
  });

  test('told by type, of a choice and of what a reference leads to', async () => {
    const choice = [
      profile('Observation', [
        { path: 'Observation.value[x]', slicing: by('type', '$this', { rules: 'closed' }) },
        { path: 'Observation.value[x]', sliceName: 'valueQuantity', type: [{ code: 'Quantity' }] },
        { path: 'Observation.value[x].code', min: 1 },
      ]),
    ];
    expect(
      await faults({ ...OBSERVATION, valueQuantity: { value: 1, system: URL, code: 'x' } }, choice),
    ).toEqual([]);
    expect(await faults({ ...OBSERVATION, valueQuantity: { value: 1 } }, choice)).toEqual([
      'profile-cardinality-min Observation.value.code',
    ]);
    expect(await faults({ ...OBSERVATION, valueString: 'x' }, choice)).toEqual([
      'profile-slicing-closed Observation.value',
    ]);
    const to = (type: string) => [
      { code: 'Reference', targetProfile: [`http://hl7.org/fhir/StructureDefinition/${type}`] },
    ];
    const target = [
      profile('Observation', [
        { path: 'Observation.performer', slicing: by('type', 'resolve()') },
        { path: 'Observation.performer', sliceName: 'who', min: 1, type: to('Practitioner') },
      ]),
    ];
    const performer = (reference: string) => ({ ...OBSERVATION, performer: [{ reference }] });
    expect(await faults(performer('Practitioner/1'), target)).toEqual([]);
    expect(await faults(performer('Patient/1'), target)).toEqual(['profile-slice-min Observation.performer']);
  });

  test('told by the profile of a resource in a Bundle, and by one of what a reference leads to', async () => {
    const named = profile('Patient', [{ path: 'Patient.name', min: 1 }], 'named');
    const bundle = profile('Bundle', [
      { path: 'Bundle.entry', slicing: by('profile', 'resource') },
      { path: 'Bundle.entry', sliceName: 'patient', min: 1 },
      { path: 'Bundle.entry.resource', type: [{ code: 'Patient', profile: [named.url!] }] },
    ]);
    const entries = (...resources: object[]) => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: resources.map((resource, i) => ({ fullUrl: `http://example.org/${i}`, resource })),
    });
    const full = { ...PATIENT, name: [{ text: 'x' }] };
    expect(await faults(entries(PATIENT, full), [bundle, named])).toEqual([]);
    expect(await faults(entries(PATIENT), [bundle, named])).toEqual(['profile-slice-min Bundle.entry']);
  });

  test('told by whether something exists', async () => {
    const own = [
      profile('Patient', [
        { path: 'Patient.identifier', slicing: by('exists', 'period') },
        { path: 'Patient.identifier', sliceName: 'dated', max: '1' },
        { path: 'Patient.identifier.period', min: 1 },
        { path: 'Patient.identifier', sliceName: 'open', max: '1' },
        { path: 'Patient.identifier.period', max: '0' },
      ]),
    ];
    const dated = { value: '1', period: { start: '2020' } };
    const open = { value: '1' };
    expect(await faults({ ...PATIENT, identifier: [dated, open] }, own)).toEqual([]);
    expect(await faults({ ...PATIENT, identifier: [open, dated, dated, open] }, own)).toEqual([
      'profile-slice-max Patient.identifier[2]',
      'profile-slice-max Patient.identifier[3]',
    ]);
  });

  test('inside of slices', async () => {
    const system = (value: string) => ({ path: 'Patient.identifier.system', patternUri: value });
    const own = [
      profile('Patient', [
        { path: 'Patient.identifier', slicing: by('pattern', 'system') },
        { path: 'Patient.identifier', sliceName: 'a', slicing: by('pattern', 'use', { rules: 'closed' }) },
        system('urn:a'),
        { path: 'Patient.identifier', sliceName: 'a/usual', max: '1' },
        { path: 'Patient.identifier.use', patternCode: 'usual' },
      ]),
    ];
    const usual = { system: 'urn:a', use: 'usual' };
    expect(await faults({ ...PATIENT, identifier: [usual, { system: 'urn:b' }] }, own)).toEqual([]);
    expect(await faults({ ...PATIENT, identifier: [usual, { system: 'urn:b' }, usual] }, own)).toEqual([
      'profile-slice-max Patient.identifier[2]',
    ]);
    expect(await faults({ ...PATIENT, identifier: [{ system: 'urn:a', use: 'old' }] }, own)).toEqual([
      'profile-slicing-closed Patient.identifier[0]',
    ]);
  });
});

describe('extensions with definitions of their own', () => {
  const extension = (name: string, element: Partial<ElementDefinition>[]): StructureDefinition => ({
    ...profile('Extension', element, name),
    kind: 'complex-type',
    context: [{ type: 'element', expression: 'Patient' }],
  });
  const simple = extension('simple', [
    { path: 'Extension.url', fixedUri: `${OWN}/simple` },
    { path: 'Extension.value[x]', min: 1, type: [{ code: 'code' }] },
  ]);
  const nested = extension('nested', [
    { path: 'Extension.extension', sliceName: 'part', min: 1 },
    { path: 'Extension.extension.url', fixedUri: 'part' },
    { path: 'Extension.extension.value[x]', type: [{ code: 'string' }] },
    { path: 'Extension.url', fixedUri: `${OWN}/nested` },
    { path: 'Extension.value[x]', max: '0' },
  ]);
  const own = [
    profile('Patient', [
      {
        path: 'Patient.extension',
        sliceName: 'one',
        min: 1,
        max: '1',
        type: [{ code: 'Extension', profile: [simple.url!] }],
      },
      { path: 'Patient.extension', sliceName: 'two', type: [{ code: 'Extension', profile: [nested.url!] }] },
    ]),
    simple,
    nested,
  ];
  const one = { url: simple.url, valueCode: 'x' };

  test('are there as often as asked, with the type and the parts that they must have', async () => {
    const two = { url: nested.url, extension: [{ url: 'part', valueString: 'x' }] };
    expect(await faults({ ...PATIENT, extension: [two, one] }, own)).toEqual([]);
    expect(await faults(PATIENT, own)).toEqual(['profile-slice-min Patient.extension']);
    expect(await faults({ ...PATIENT, extension: [one, one] }, own)).toEqual([
      'profile-slice-max Patient.extension[1]',
    ]);
    expect(await faults({ ...PATIENT, extension: [{ url: simple.url, valueString: 'x' }] }, own)).toEqual([
      'profile-choice-type Patient.extension[0].value',
    ]);
    const other = { url: nested.url, extension: [{ url: 'other', valueString: 'x' }] };
    expect(await faults({ ...PATIENT, extension: [one, other] }, own)).toEqual([
      'profile-slice-min Patient.extension[1].extension',
      'extension-part Patient.extension[1].extension[0]',
    ]);
  });

  test('have no parts that their definition does not know, whatever the slicing', async () => {
    const inner = extension('deep', [
      { path: 'Extension.extension', sliceName: 'part' },
      { path: 'Extension.extension.extension', sliceName: 'inner' },
      { path: 'Extension.extension.extension.url', fixedUri: 'inner' },
      { path: 'Extension.extension.url', fixedUri: 'part' },
      { path: 'Extension.url', fixedUri: `${OWN}/deep` },
    ]);
    const part = (url: string) => ({ url: 'part', extension: [{ url, valueString: 'x' }] });
    const found = (...parts: object[]) =>
      faults({ ...PATIENT, extension: [{ url: inner.url, extension: parts }] }, [
        profile('Patient', []),
        inner,
      ]);
    const elsewhere = { url: 'http://x.example/y', valueString: 'x' };
    expect(await found(part('inner'), elsewhere)).toEqual([]);
    expect(await found(part('other'))).toEqual([
      'extension-part Patient.extension[0].extension[0].extension[0]',
    ]);
    expect(await found(part('inner'), { url: 'lost', valueString: 'x' })).toEqual([
      'extension-part Patient.extension[0].extension[1]',
    ]);
  });

  test('are named by what they demand', async () => {
    const structures = new Map(own.map((definition) => [definition.url!, definition]));
    expect(structures.size).toBe(3);
    const validator = profileValidator(r4, structures);
    const resource = { ...PATIENT, meta: { profile: [own[0]!.url] } } as Resource;
    const [issue] = errorsOf(await validator.validate(resource));
    expect(issue).toEqual({
      severity: 'error',
      code: 'required',
      details: { coding: [{ code: 'profile-slice-min' }] },
      diagnostics: `The element 'extension' needs 1 of the slice 'one' (the profile ${OWN}/own): add what is missing.`,
      expression: ['Patient.extension'],
    });
  });
});

test('values and slices so many that finding which belong together takes too long', async () => {
  const count = 500;
  const names = Array.from({ length: count }, (_, i) => `s${i}`);
  const own = profile('Patient', [
    { path: 'Patient.identifier', slicing: by('value', 'value') },
    ...names.flatMap((sliceName) => [
      { path: 'Patient.identifier', sliceName, max: '1' },
      { path: 'Patient.identifier.value', min: 1, fixedString: sliceName },
    ]),
  ]);
  const identifiers = (of: number) => Array.from({ length: of }, () => ({ value: 'x' }));
  const most = SLICE_TESTS_MAX / count;
  expect(await faults({ ...PATIENT, identifier: identifiers(most) }, [own])).toEqual([]);
  expect(await faults({ ...PATIENT, identifier: identifiers(most + 1) }, [own])).toEqual([
    'profile-slicing-size Patient.identifier',
  ]);
});
