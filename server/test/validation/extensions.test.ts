import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { Resource } from '../../src/fhir/resource.ts';
import { createInvariants } from '../../src/validation/invariants/createInvariants.ts';
import { createValidator } from '../../src/validation/createValidator.ts';
import type { ValidationOptions } from '../../src/validation/validator.ts';
import { openR4, OWN, profile, profileValidator, ruleOf, type R4 } from './profiles/support.ts';

const HL7 = 'http://hl7.org/fhir/StructureDefinition';

let r4: R4;
beforeAll(async () => {
  r4 = await openR4();
});
afterAll(() => r4.remove());

/** An extension with a string as its value. */
function extension(
  context: [type: string, expression: string][],
  more: Partial<StructureDefinition> = {},
  root: Partial<ElementDefinition> = {},
): StructureDefinition {
  const element = [
    { path: 'Extension', ...root },
    { path: 'Extension.url', fixedUri: `${OWN}/note` },
    { path: 'Extension.value[x]', min: 1, type: [{ code: 'string' }] },
  ];
  return {
    ...profile('Extension', element as Partial<ElementDefinition>[], 'note'),
    kind: 'complex-type',
    context: context.map(([type, expression]) => ({ type, expression })) as StructureDefinition['context'],
    ...more,
  };
}

/** The errors in a resource that uses extensions of these definitions. */
async function found(
  content: object,
  definitions: readonly StructureDefinition[],
  options: ValidationOptions = {},
): Promise<string[]> {
  const validator = profileValidator(r4, new Map(definitions.map((one) => [one.url!, one])));
  const issues = await validator.validate(content as Resource, options);
  return issues
    .filter(({ severity, code }) => severity === 'error' || code !== 'invariant')
    .map((issue) => `${ruleOf(issue)} ${issue.expression?.[0]}`);
}

const note = { url: `${OWN}/note`, valueString: 'x' };
const wrong = { url: `${OWN}/note`, valueCode: 'x' };
const patient = (content: object) => ({ resourceType: 'Patient', ...content });

describe('an extension whose definition is stored', () => {
  const anywhere = [extension([['element', 'Element']])];

  test('holds what the definition says, wherever it stands', async () => {
    expect(await found(patient({ extension: [note], name: [{ extension: [note] }] }), anywhere)).toEqual([]);
    expect(await found(patient({ name: [{ extension: [wrong] }] }), anywhere)).toEqual([
      'profile-choice-type Patient.name[0].extension[0].value',
    ]);
    const nested = { url: 'http://example.org/other', extension: [wrong] };
    expect(await found(patient({ active: true, _active: { extension: [nested] } }), anywhere)).toEqual([
      'profile-choice-type Patient.active.extension[0].extension[0].value',
    ]);
  });

  test('is not looked at where only R4 counts', async () => {
    expect(await found(patient({ extension: [wrong] }), anywhere, { mode: 'base' })).toEqual([]);
  });

  test('is told once where a profile names it, too', async () => {
    const slice = {
      path: 'Patient.extension',
      sliceName: 'note',
      max: '1',
      type: [{ code: 'Extension', profile: [`${OWN}/note`] }],
    };
    const own = profile('Patient', [slice]);
    const claimed = patient({ meta: { profile: [own.url] }, extension: [wrong] });
    expect(await found(claimed, [...anywhere, own])).toEqual([
      'profile-choice-type Patient.extension[0].value',
    ]);
  });

  test('stands as often as the definition allows', async () => {
    const once = [extension([['element', 'Patient']], {}, { max: '1' })];
    expect(await found(patient({ extension: [note, note] }), once)).toEqual([
      'extension-count Patient.extension[1]',
    ]);
  });

  test('is not looked at where its definition cannot be used, which is a warning', async () => {
    const lost = [extension([['element', 'Practitioner']], { baseDefinition: `${OWN}/nobody` })];
    expect(await found(patient({ extension: [wrong] }), lost)).toEqual([]);
    expect(await found(patient({ extension: [wrong] }), lost, { thorough: true })).toContain(
      'profile-unusable Patient.extension[0]',
    );
  });

  test('is no other definition', async () => {
    const own = profile('Patient', []);
    expect(await found(patient({ extension: [{ url: own.url, valueString: 'x' }] }), [own])).toEqual([
      'extension-url Patient.extension[0]',
    ]);
  });
});

describe('the place of an extension', () => {
  const observation = (content: object) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    ...content,
  });
  const atName = patient({ name: [{ use: 'official', extension: [note] }] });
  const atBirth = patient({ birthDate: '2024', _birthDate: { extension: [note] } });
  const within = (url: string) => patient({ extension: [{ url, extension: [note] }] });

  test.each<[string, string, object, boolean]>([
    ['element', 'Patient', patient({ extension: [note] }), true],
    ['element', 'Practitioner', patient({ extension: [note] }), false],
    ['element', 'DomainResource', patient({ extension: [note] }), true],
    ['element', 'HumanName', atName, true],
    ['element', 'Patient.name', atName, true],
    ['element', `${HL7}/Patient#Patient.name`, atName, true],
    ['element', `${HL7}/Patient#Patient.contact`, atName, false],
    ['element', 'Patient.name:own', atName, true],
    ['element', 'http://example.org/profile#Patient.contact', atName, true],
    ['element', 'Patient.birthDate', atBirth, true],
    ['element', 'date', atBirth, true],
    [
      'element',
      'Observation.value[x]',
      observation({ valueQuantity: { value: 1, extension: [note] } }),
      true,
    ],
    ['element', 'Observation.value[x]', observation({ code: { text: 'x', extension: [note] } }), false],
    ['extension', 'http://example.org/around', within('http://example.org/around'), true],
    ['extension', 'http://example.org/around', within('http://example.org/another'), false],
    ['extension', 'http://example.org/around', patient({ extension: [note] }), false],
    ['fhirpath', "Patient.name.where(use = 'official')", atName, true],
    ['fhirpath', "Patient.name.where(use = 'usual')", atName, false],
    ['fhirpath', 'Patient.birthDate', atBirth, true],
    ['fhirpath', 'Patient.birthDate', atName, false],
    ['fhirpath', 'Patient | Practitioner', patient({ extension: [note] }), true],
    ['fhirpath', 'no FHIRPath (', atName, true],
  ])('%s %s', async (type, expression, resource, isAllowed) => {
    const faults = await found(resource, [extension([[type, expression]])]);
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(isAllowed ? [] : ['extension-context']);
  });

  test('is one of those that are allowed', async () => {
    const definition = extension([
      ['element', 'Practitioner'],
      ['element', 'Patient.name'],
    ]);
    expect(await found(atName, [definition])).toEqual([]);
    expect(await found(atBirth, [definition])).toEqual(['extension-context Patient.birthDate.extension[0]']);
  });

  test('meets the invariants of the definition, which know the extension', async () => {
    const contextInvariant = ["use = 'official'", "%extension.value = 'x'"];
    const definition = [extension([['element', 'HumanName']], { contextInvariant })];
    expect(await found(atName, definition)).toEqual([]);
    expect(await found(patient({ name: [{ text: 'x', extension: [note] }] }), definition)).toEqual([
      'extension-context Patient.name[0].extension[0]',
    ]);
    const other = { ...note, valueString: 'y' };
    expect(await found(patient({ name: [{ use: 'official', extension: [other] }] }), definition)).toEqual([
      'extension-context Patient.name[0].extension[0]',
    ]);
  });

  test('of those of R4 meets their invariants', async () => {
    const { definitions } = r4;
    const validator = createValidator(definitions, { invariants: createInvariants(definitions).at });
    const faults = async (type: string, repeats: boolean, value: number) => {
      const maxOccurs = { url: `${HL7}/questionnaire-maxOccurs`, valueInteger: value };
      const item = [{ linkId: '1', type, repeats, extension: [maxOccurs] }];
      const issues = await validator.validate({ resourceType: 'Questionnaire', status: 'draft', item });
      return issues.map(ruleOf);
    };
    expect(await faults('string', true, 3)).toEqual([]);
    expect(await faults('string', false, 1)).toEqual([]);
    expect(await faults('string', false, 3)).toEqual(['extension-context']);
  });
});

describe('a modifier extension', () => {
  const modifier = [extension([['element', 'Patient']], {}, { isModifier: true, isModifierReason: 'x' })];
  const plain = [extension([['element', 'Patient']])];

  test('is defined as one, and no other is', async () => {
    expect(await found(patient({ modifierExtension: [note] }), modifier)).toEqual([]);
    expect(await found(patient({ extension: [note] }), plain)).toEqual([]);
    expect(await found(patient({ extension: [note] }), modifier)).toEqual([
      'extension-modifier Patient.extension[0]',
    ]);
    expect(await found(patient({ modifierExtension: [note] }), plain)).toEqual([
      'extension-modifier Patient.modifierExtension[0]',
    ]);
    const birthPlace = { url: `${HL7}/patient-birthPlace`, valueAddress: { city: 'x' } };
    expect(await found(patient({ modifierExtension: [birthPlace] }), [])).toEqual([
      'extension-modifier Patient.modifierExtension[0]',
    ]);
  });

  test('that nobody knows is a warning, and an error where all must be known', async () => {
    const resource = patient({ modifierExtension: [note], extension: [note] });
    expect(await found(resource, [])).toEqual([]);
    const unknown = 'extension-unknown Patient.modifierExtension[0]';
    expect(await found(resource, [], { mode: 'strict' })).toEqual([unknown]);
    expect(await found(resource, [], { thorough: true })).toContain(unknown);
  });
});
