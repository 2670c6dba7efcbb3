import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { Resource } from '../../../src/fhir/resource.ts';
import { compactStructure } from '../../../src/fhir/structures/structure.ts';
import { createInvariants } from '../../../src/validation/invariants/createInvariants.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import {
  COMPARED_ELEMENTS_MAX,
  definitionFaults,
} from '../../../src/validation/profiles/definition/definitionFaults.ts';
import { DEFINITION_FAULTS_MAX } from '../../../src/validation/profiles/definition/elementFaults.ts';
import { openR4, OWN, profile, ruleOf, structurePort, type R4 } from './support.ts';

let r4: R4;
beforeAll(async () => {
  r4 = await openR4();
});
afterAll(() => r4.remove());

/** What is found in a profile, as `rule expression`, when these others are known. */
async function found(
  definition: StructureDefinition,
  others: readonly StructureDefinition[] = [],
  thorough = false,
): Promise<string[]> {
  const { definitions } = r4;
  const known = new Map(others.map((one) => [one.url, compactStructure(one)]));
  const ports = { structures: structurePort(r4, known) };
  const validator = createValidator(definitions, { ports, invariants: createInvariants(definitions).at });
  const withVersion = { fhirVersion: '4.0.1', ...definition } as StructureDefinition;
  const issues = await validator.validate(withVersion as unknown as Resource, { thorough, mode: 'base' });
  return issues
    .filter(({ severity }) => thorough || severity === 'error')
    .map((issue) => `${ruleOf(issue)} ${issue.expression?.[0]}`)
    .filter((text) => !text.startsWith('invariant '));
}

type Element = Partial<ElementDefinition> & { path: string };
const element = (value: Element): Partial<ElementDefinition> => ({ id: value.path, ...value });
const patient = (...elements: Element[]) => profile('Patient', elements.map(element));
const observation = (...elements: Element[]) => profile('Observation', elements.map(element));
const at = (rule: string, index: number, below = '') => [
  `definition-${rule} StructureDefinition.differential.element[${index}]${below}`,
];

describe('a profile', () => {
  test.each(['name.foo(', 'name.nobody()'])(
    'has constraints that are FHIRPath, and not %s',
    async (wrong) => {
      const constraint = (expression: string, key = 'own-1') => ({
        key,
        severity: 'error' as const,
        human: 'x',
        expression,
      });
      const right = { path: 'Patient', constraint: [constraint('name.exists()')] };
      expect(await found(patient(right))).toEqual([]);
      const name = {
        path: 'Patient.name',
        constraint: [constraint('text.exists()'), constraint(wrong, 'own-2')],
      };
      expect(await found(patient(right, name))).toEqual(at('constraint', 1, '.constraint[1].expression'));
    },
  );

  test('constrains what its base has, of any depth', async () => {
    expect(
      await found(
        observation(
          { path: 'Observation', short: 'x' },
          { path: 'Observation.status', min: 1, max: '1' },
          { path: 'Observation.code.coding', min: 1, max: '2' },
          { path: 'Observation.code.coding.system', min: 1 },
          { path: 'Observation.valueQuantity', min: 1 },
          { path: 'Observation.valueQuantity.code', min: 1 },
          { path: 'Observation.component.referenceRange.low.value', min: 1 },
          { path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [`${OWN}/x`] }] },
        ),
      ),
    ).toEqual([]);
    expect(await found(observation({ path: 'Observation.colour', min: 1 }))).toEqual(at('element', 0));
    expect(await found(observation({ path: 'Observation.code.coding.colour', min: 1 }))).toEqual(
      at('element', 0),
    );
    expect(await found(observation({ path: 'Observation.valueMoney', min: 1 }))).toEqual(at('element', 0));
  });

  test('asks for no less and allows no more', async () => {
    expect(await found(observation({ path: 'Observation.status', min: 0 }))).toEqual(at('cardinality', 0));
    expect(await found(observation({ path: 'Observation.code', max: '2' }))).toEqual(at('cardinality', 0));
    expect(await found(observation({ path: 'Observation.code.coding.code', max: '*' }))).toEqual(
      at('cardinality', 0),
    );
  });

  test('has the types of its base, or such that derive from them', async () => {
    const value = (code: string) =>
      found(observation({ path: 'Observation.value[x]', type: [{ code: 'string' }, { code }] }));
    expect(await value('Quantity')).toEqual([]);
    expect(await value('Money')).toEqual(at('type', 0));
    const contained = (code: string) => found(patient({ path: 'Patient.contained', type: [{ code }] }));
    expect(await contained('Organization')).toEqual([]);
    expect(await contained('HumanName')).toEqual(at('type', 0));
    const own = [element({ path: 'Practitioner.name', min: 1 })];
    const other = profile('Practitioner', own, 'other', 'http://hl7.org/fhir/StructureDefinition/Patient');
    expect(await found(other)).toContain('definition-type StructureDefinition.type');
  });

  test('has constants of the type of the element', async () => {
    const gender = (constant: object) => found(patient({ path: 'Patient.gender', ...constant }));
    expect(await gender({ fixedCode: 'male' })).toEqual([]);
    expect(await gender({ fixedString: 'male' })).toEqual(at('type', 0));
    const status = { path: 'Patient.maritalStatus', patternCoding: { code: 'M' } };
    expect(await found(patient(status))).toEqual(at('type', 0));
    const age = { path: 'Condition.onset[x]', patternQuantity: { unit: 'a' } };
    expect(await found(profile('Condition', [element(age)]))).toEqual([]);
    const value = { path: 'Observation.value[x]', patternQuantity: { unit: 'a' } };
    expect(await found(observation(value))).toEqual([]);
  });

  test('names profiles that are of the type', async () => {
    const name = (canonical: string) =>
      found(patient({ path: 'Patient.name', type: [{ code: 'HumanName', profile: [canonical] }] }), [
        profile('HumanName', [], 'named'),
        profile('Address', [], 'address'),
      ]);
    expect(await name(`${OWN}/named`)).toEqual([]);
    expect(await name(`${OWN}/unknown`)).toEqual([]);
    expect(await name(`${OWN}/address`)).toEqual(at('type', 0));
    const contained = (code: string) =>
      found(patient({ path: 'Patient.contained', type: [{ code, profile: [`${OWN}/clinic`] }] }), [
        profile('Organization', [], 'clinic'),
      ]);
    expect(await contained('Resource')).toEqual([]);
    expect(await contained('Organization')).toEqual([]);
    expect(await contained('Practitioner')).toEqual(at('type', 0));
  });

  test('refers to what its base allows', async () => {
    const managed = (targetProfile: string) =>
      found(
        patient({
          path: 'Patient.managingOrganization',
          type: [{ code: 'Reference', targetProfile: [targetProfile] }],
        }),
        [profile('Organization', [], 'clinic'), profile('Patient', [], 'person')],
      );
    expect(await managed(`${OWN}/clinic`)).toEqual([]);
    expect(await managed(`${OWN}/unknown`)).toEqual([]);
    expect(await managed(`${OWN}/person`)).toEqual(at('type', 0));
    expect(await managed('http://hl7.org/fhir/StructureDefinition/Patient')).toEqual(at('type', 0));
  });

  test('keeps bindings that are required', async () => {
    const status = (strength: 'required' | 'extensible') =>
      found(observation({ path: 'Observation.status', binding: { strength, valueSet: `${OWN}/vs` } }));
    expect(await status('required')).toEqual([]);
    expect(await status('extensible')).toEqual(at('binding', 0));
  });

  test('slices by what is there', async () => {
    const sliced = (type: 'value' | 'type', path: string) =>
      found(
        patient({ path: 'Patient.identifier', slicing: { rules: 'open', discriminator: [{ type, path }] } }),
      );
    for (const path of [
      'system',
      '$this',
      'assigner.resolve().name',
      "extension('http://x').value",
      'type.coding',
    ])
      expect(await sliced('value', path)).toEqual([]);
    for (const path of ['colour', 'type.colour', 'system = 1'])
      expect(await sliced('value', path)).toEqual(at('discriminator', 0, '.slicing.discriminator[0]'));
  });

  test('has no more slices than elements, and says how it slices', async () => {
    const by = { rules: 'open' as const, discriminator: [{ type: 'value' as const, path: 'system' }] };
    const slice = (sliceName: string, min: number) => ({
      path: 'Patient.identifier',
      id: `Patient.identifier:${sliceName}`,
      sliceName,
      min,
    });
    const all = (max: string, ...more: object[]) => ({
      path: 'Patient.identifier',
      max,
      ...(Object.assign({}, ...more) as object),
    });
    expect(await found(patient(all('2', { slicing: by }), slice('a', 1), slice('b', 1)))).toEqual([]);
    expect(await found(patient(all('1', { slicing: by }), slice('a', 1), slice('b', 1)))).toEqual(
      at('slicing', 0),
    );
    expect(await found(patient(all('2'), slice('a', 1)), [], true)).toEqual(
      expect.arrayContaining(at('slicing', 1)),
    );
  });

  test('is compared with the profile that it derives from', async () => {
    const own = profile('Patient', [element({ path: 'Patient.name', min: 1, max: '2' })], 'base');
    const derived = (max: string) =>
      profile('Patient', [element({ path: 'Patient.name', max })], 'derived', own.url);
    expect(await found(derived('2'), [own])).toEqual([]);
    expect(await found(derived('3'), [own])).toEqual(at('cardinality', 0));
  });

  test('whose base is not known is a warning', async () => {
    const derived = profile('Patient', [], 'derived', `${OWN}/nobody`);
    delete derived.differential;
    derived.differential = { element: [element({ path: 'Patient.name', min: 1 }) as ElementDefinition] };
    expect(await found(derived)).toEqual([]);
    expect(await found(derived, [], true)).toContain(
      'definition-unusable StructureDefinition.baseDefinition',
    );
  });

  test('tells no more faults than can be read, and is compared up to a size', async () => {
    const unknown = (count: number) =>
      patient(...Array.from({ length: count }, (_, i) => ({ path: `Patient.x${i}`, min: 1 })));
    const { core } = r4;
    const source = { structure: (canonical: string) => core.read(canonical) };
    expect(await definitionFaults(source, unknown(101))).toHaveLength(DEFINITION_FAULTS_MAX);
    expect(await definitionFaults(source, unknown(COMPARED_ELEMENTS_MAX + 1))).toMatchObject([
      { rule: 'definition-unusable', severity: 'warning' },
    ]);
  });
});
