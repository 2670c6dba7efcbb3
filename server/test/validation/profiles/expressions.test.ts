import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import os from 'node:os';
import path from 'node:path';
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Resource } from '../../../src/fhir/resource.ts';
import { openStore } from '../../../src/store/store.ts';
import { Terminology } from '../../../src/terminology/terminology.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import { createInvariants } from '../../../src/validation/invariants/createInvariants.ts';
import type { CodePort } from '../../../src/validation/ports.ts';
import { createProfiles } from '../../../src/validation/profiles/profiles.ts';
import { compactStructure } from '../../../src/fhir/structures/structure.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';
import { openR4, OWN, profile, ruleOf, structurePort, type R4 } from './support.ts';

const GENDER = 'http://hl7.org/fhir/administrative-gender';
const GENDERS = 'http://hl7.org/fhir/ValueSet/administrative-gender';
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const CATEGORIES = 'http://hl7.org/fhir/ValueSet/observation-category';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';

describe('expressions of profiles that ask others', () => {
  let r4: R4;
  let world: TestDatabase;
  let terminology: Terminology;

  beforeAll(async () => {
    [r4, world] = await Promise.all([openR4(), testDatabase()]);
    const { definitions } = r4;
    const store = openStore(
      world.database,
      world.schema,
      definitions,
      new Uint8Array(16),
      'http://x/fhir/R4',
    );
    const cacheDir = path.join(os.tmpdir(), 'maxray-test-data', 'cache');
    terminology = new Terminology(store, world.schema, definitions, cacheDir);
  });
  afterAll(() => Promise.all([r4.remove(), world.close()]));

  /** What `$validate` finds in a resource that claims the first of the profiles. */
  async function found(resource: Resource, definitions: StructureDefinition[], codes?: CodePort) {
    const own = new Map(definitions.map((one) => [one.url!, compactStructure(one)]));
    const structures = structurePort(r4, own);
    const invariants = createInvariants(r4.definitions);
    const profiles = createProfiles(r4.definitions, structures, { invariantTest: invariants.testOf });
    const ports = { structures, codes: codes ?? terminology.codes };
    const validator = createValidator(r4.definitions, { profiles, invariants: invariants.at, ports });
    const claimed = { ...resource, meta: { profile: [definitions[0]!.url] } };
    const issues = await validator.validate(claimed, { thorough: true });
    const rules = issues.filter((issue) =>
      ['profile-invariant', 'invariant-unchecked'].includes(ruleOf(issue)),
    );
    return rules.map((issue) => `${ruleOf(issue)} ${issue.expression?.[0]}`);
  }

  const demanding = (type: string, at: string, expression: string, name = 'own', more: object[] = []) =>
    profile(
      type,
      [
        {
          id: at,
          path: at,
          constraint: [{ key: 'own-1', severity: 'error', human: 'As it is wanted', expression }],
        },
        ...more,
      ],
      name,
    );
  const observation = (...category: { system: string; code: string }[]) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    category: category.map((coding) => ({ coding: [coding] })),
  });

  test('memberOf() of a code, a coding, a concept', async () => {
    const patient = { resourceType: 'Patient', gender: 'female' };
    const genders = (not: string) => demanding('Patient', 'Patient', `gender.memberOf('${GENDERS}')${not}`);
    expect(await found(patient, [genders('')])).toEqual([]);
    expect(await found(patient, [genders('.not()')])).toEqual(['profile-invariant Patient']);
    const concept = demanding('Observation', 'Observation.category', `memberOf('${CATEGORIES}')`);
    const coding = demanding('Observation', 'Observation', `category.coding.all(memberOf('${CATEGORIES}'))`);
    const none = demanding('Observation', 'Observation', `category.coding.exists(memberOf('${CATEGORIES}'))`);
    const vital = { system: CATEGORY, code: 'vital-signs' };
    const wrong = { system: CATEGORY, code: 'nonsense' };
    expect(await found(observation(vital), [concept])).toEqual([]);
    expect(await found(observation(vital, wrong), [concept])).toEqual([
      'profile-invariant Observation.category[1]',
    ]);
    const many = Array.from({ length: 40 }, () => vital);
    for (const good of [coding, none]) expect(await found(observation(...many), [good])).toEqual([]);
    expect(await found(observation(...many, wrong), [coding])).toEqual(['profile-invariant Observation']);
    expect(await found(observation(wrong), [none])).toEqual(['profile-invariant Observation']);
    expect(await found(observation(wrong, ...many), [none])).toEqual([]);
  });

  test('a value set that is not known leaves the invariant unchecked', async () => {
    const unknown = demanding('Patient', 'Patient', `gender.memberOf('http://nobody/knows')`);
    const patient = { resourceType: 'Patient', gender: 'female' };
    expect(await found(patient, [unknown])).toEqual(['invariant-unchecked Patient']);
  });

  test.each(['name.foo(', 'name.nobody()'])(
    '%s is no FHIRPath, so that it is unchecked',
    async (expression) => {
      const patient = { resourceType: 'Patient', name: [{ text: 'x' }] };
      const own = demanding('Patient', 'Patient', expression);
      expect(await found(patient, [own])).toEqual(['invariant-unchecked Patient']);
      const below = demanding('Patient', 'Patient.name', expression);
      expect(await found(patient, [below])).toEqual(['invariant-unchecked Patient']);
      expect(await found({ resourceType: 'Patient' }, [below])).toEqual([]);
    },
  );

  test('what depends on too many answers, one after the other, is unchecked', async () => {
    let asked = 0;
    const codes: CodePort = {
      answer: async (questions) => {
        asked += questions.length;
        return questions.map(({ valueSet }) => ({
          verdict: Number(valueSet.slice(-2)) % 2 === 0 ? 'in' : 'out',
        }));
      },
    };
    const chain = (length: number) =>
      Array.from({ length }, (_, i) => length - 1 - i).reduce((then, i) => {
        const isIn = `category[${i}].memberOf('http://x/${String(i).padStart(2, '0')}')`;
        return `iif(${isIn}${i % 2 === 0 ? '' : '.not()'}, ${then}, true)`;
      }, 'false');
    const categories = Array.from({ length: 40 }, (_, i) => ({ system: CATEGORY, code: `c${i}` }));
    const verdict = (length: number) =>
      found(observation(...categories), [demanding('Observation', 'Observation', chain(length))], codes);
    expect(await verdict(5)).toEqual(['profile-invariant Observation']);
    expect(asked).toBe(5);
    expect(await verdict(40)).toEqual(['invariant-unchecked Observation']);
    expect(asked).toBeLessThan(40);
  });

  test('subsumes() and subsumedBy()', async () => {
    const encounter = (code: string) => ({
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: ACT, code },
    });
    const above = (code: string, name: string) =>
      demanding('Encounter', 'Encounter', `class.${name}(%resource.type.coding.where(code = '${code}'))`);
    const withType = (own: string, other: string, system = ACT) => ({
      ...encounter(own),
      type: [{ coding: [{ system, code: other }] }],
    });
    expect(await found(withType('ACUTE', 'IMP'), [above('IMP', 'subsumedBy')])).toEqual([]);
    expect(await found(withType('IMP', 'ACUTE'), [above('ACUTE', 'subsumes')])).toEqual([]);
    expect(await found(withType('IMP', 'IMP'), [above('IMP', 'subsumes')])).toEqual([]);
    expect(await found(withType('ACUTE', 'IMP'), [above('IMP', 'subsumes')])).toEqual([
      'profile-invariant Encounter',
    ]);
    const other = withType('ACUTE', 'IMP', GENDER);
    expect(await found(other, [above('IMP', 'subsumes')])).toEqual(['invariant-unchecked Encounter']);
    const concepts = demanding('Encounter', 'Encounter', 'type[0].subsumes(type[1])');
    const two = (system: string) => ({
      ...encounter('AMB'),
      type: [{ coding: [{ system: ACT, code: 'IMP' }] }, { coding: [{ system, code: 'ACUTE' }] }],
    });
    expect(await found(two(ACT), [concepts])).toEqual([]);
    expect(await found(two(GENDER), [concepts])).toEqual(['profile-invariant Encounter']);
    const misformed = withType('IMP', 'ACUTE');
    Object.assign(misformed.class, { version: 5 });
    expect(await found(misformed, [above('ACUTE', 'subsumes')])).toEqual([]);
  });

  test('conformsTo() of contained resources, of elements, of oneself', async () => {
    const named = profile('Patient', [{ id: 'Patient.name', path: 'Patient.name', min: 1 }], 'named');
    const named2 = demanding(
      'Patient',
      'Patient',
      `name.exists() or gender.memberOf('${GENDERS}')`,
      'named2',
    );
    const about = (name: string) =>
      demanding('Observation', 'Observation', `subject.resolve().conformsTo('${OWN}/${name}')`);
    const of = (patient: object) => ({
      ...observation(),
      category: undefined,
      subject: { reference: '#p' },
      contained: [{ resourceType: 'Patient', id: 'p', ...patient }],
    });
    const clean = (resource: object) => JSON.parse(JSON.stringify(resource)) as Resource;
    expect(await found(clean(of({ name: [{ text: 'x' }] })), [about('named'), named])).toEqual([]);
    expect(await found(clean(of({ gender: 'male' })), [about('named'), named])).toEqual([
      'profile-invariant Observation',
    ]);
    expect(await found(clean(of({ gender: 'male' })), [about('named2'), named2])).toEqual([]);
    expect(await found(clean(of({})), [about('nobody')])).toEqual(['invariant-unchecked Observation']);
    const circular = demanding('Patient', 'Patient', `conformsTo('${OWN}/own')`);
    expect(await found({ resourceType: 'Patient' }, [circular])).toEqual([]);
    const type = demanding(
      'Patient',
      'Patient',
      `conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')`,
    );
    expect(await found({ resourceType: 'Patient' }, [type])).toEqual([]);
  });

  test('decide what is in a slice', async () => {
    // The slice is told by a profile whose invariant asks terminology.
    const vital = demanding('Observation', 'Observation', `category.memberOf('${CATEGORIES}')`, 'vital');
    const bundle = profile('Bundle', [
      {
        id: 'Bundle.entry',
        path: 'Bundle.entry',
        slicing: { discriminator: [{ type: 'profile', path: 'resource' }], rules: 'open' },
      },
      { id: 'Bundle.entry:vital', path: 'Bundle.entry', sliceName: 'vital', min: 1 },
      {
        id: 'Bundle.entry:vital.resource',
        path: 'Bundle.entry.resource',
        type: [{ code: 'Observation', profile: [`${OWN}/vital`] }],
      },
    ]);
    const own = new Map([bundle, vital].map((one) => [one.url!, compactStructure(one)]));
    const structures = structurePort(r4, own);
    const invariants = createInvariants(r4.definitions);
    const profiles = createProfiles(r4.definitions, structures, { invariantTest: invariants.testOf });
    const ports = { structures, codes: terminology.codes };
    const validator = createValidator(r4.definitions, { profiles, invariants: invariants.at, ports });
    const rules = async (code: string) => {
      const resource = {
        resourceType: 'Bundle',
        meta: { profile: [bundle.url] },
        type: 'collection',
        entry: [{ fullUrl: 'urn:uuid:1', resource: observation({ system: CATEGORY, code }) }],
      };
      const issues = await validator.validate(resource, { mode: 'profiles' });
      return issues.map(ruleOf).filter((rule) => rule.startsWith('profile'));
    };
    expect(await rules('laboratory')).toEqual([]);
    expect(await rules('nonsense')).toEqual(['profile-slice-min']);
  });
});
