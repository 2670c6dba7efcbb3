import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessPolicyResource } from '@medplum/fhirtypes';
import type { AccessContext } from '../../src/access/context.ts';
import { elementPaths } from '../../src/access/elements/elementPaths.ts';
import { looksAt } from '../../src/access/elements/looksAt.ts';
import { parseExact } from '../../src/fhir/json/parse.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import type { Condition } from '../../src/fhir/search/ast.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { accessOf, openContext, patient, policy } from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openContext();
});

const access = (...entries: AccessPolicyResource[]) => accessOf(context, [policy(...entries)]);
const hiding = (...hiddenFields: string[]) => access({ resourceType: 'Patient', hiddenFields });

const ANNA = patient({
  text: { status: 'generated', div: '<div>Anna</div>' },
  active: true,
  birthDate: '1980-01-01',
  _birthDate: { extension: [{ url: 'urn:x', valueString: 'a' }] },
  deceasedBoolean: false,
  name: [{ family: 'Berg', given: ['Anna', 'Maria'], _given: [null, { id: 'g' }] }, { family: 'Tal' }],
  contact: [{ name: { family: 'Berg' }, telecom: [{ value: '1' }] }, { telecom: [{ value: '2' }] }],
});

describe('the name of a field', () => {
  test.each([
    ['Patient', 'name', ['name']],
    ['Patient', 'Patient.name.family', ['name.family']],
    ['Patient', 'contact.telecom.value', ['contact.telecom.value']],
    ['Patient', 'deceased', ['deceasedBoolean', 'deceasedDateTime']],
    ['Patient', 'deceased[x]', ['deceasedBoolean', 'deceasedDateTime']],
    ['Patient', 'deceasedBoolean', ['deceasedBoolean']],
    ['Observation', 'component.valueQuantity.value', ['component.valueQuantity.value']],
    ['Questionnaire', 'item.item.item.text', ['item.item.item.text']],
    ['Patient', 'colour', []],
    ['Patient', 'birthDate.year', []],
    ['Patient', 'name.', []],
    ['Patient', '', []],
    ['Patient', 'Patient', []],
  ])('%s: %s', (type, field, expected) => {
    expect(elementPaths(context.definitions, type, field).map((path) => path.join('.'))).toEqual(expected);
  });
});

describe('hidden elements', () => {
  test.each([
    ['birthDate', ['birthDate', '_birthDate']],
    ['deceased', ['deceasedBoolean']],
    ['name', ['name']],
  ])('%s is not shown, nor is the narrative', (field, gone) => {
    const expected: Record<string, unknown> = { ...ANNA };
    for (const name of [...gone, 'text']) delete expected[name];
    expect(hiding(field).shown('Patient', ANNA)).toEqual(expected);
    expect(ANNA['birthDate']).toBe('1980-01-01');
  });

  test('in items of arrays, with what stands beside them; what is left empty goes', () => {
    const shown = hiding('name.given', 'contact.telecom').shown('Patient', ANNA);
    expect(shown['name']).toEqual([{ family: 'Berg' }, { family: 'Tal' }]);
    expect(shown['contact']).toEqual([{ name: { family: 'Berg' } }]);
  });

  test('numbers stay as they are written', () => {
    const exact = parseExact('{"resourceType":"Observation","valueQuantity":{"value":1.10}}') as Resource;
    const rules = access({ resourceType: 'Observation', hiddenFields: ['status'] });
    expect(JSON.stringify(rules.shown('Observation', exact))).toContain('1.10');
  });

  test('where nothing is hidden, the same resource is shown', () => {
    expect(hiding().shown('Patient', ANNA)).toBe(ANNA);
    expect(hiding().hidden('Patient')).toEqual([]);
  });

  test('a rule that allows the resource and shows the element shows it', () => {
    const rules = access(
      { resourceType: 'Patient', hiddenFields: ['name', 'birthDate'] },
      { resourceType: 'Patient', criteria: 'Patient?_id=pat1', hiddenFields: ['birthDate', 'name.given'] },
    );
    expect(rules.hiddenIn('Patient', patient())).toEqual(['birthDate', 'name.given', 'text']);
    expect(rules.hiddenIn('Patient', patient({ id: 'pat2' }))).toEqual(['name', 'birthDate', 'text']);
    // Nobody may search by what is hidden in some.
    expect(rules.hidden('Patient')).toEqual(['name', 'birthDate', 'name.given', 'text']);
  });

  test('a rule about all resources shows the element in all', () => {
    const rules = access(
      { resourceType: 'Patient', criteria: 'Patient?_id=pat1', hiddenFields: ['name', 'birthDate'] },
      { resourceType: 'Patient', hiddenFields: ['name'] },
    );
    expect(rules.hidden('Patient')).toEqual(['name', 'text']);
  });

  test('a rule that does not allow the interaction shows nothing', () => {
    const rules = access(
      { resourceType: 'Patient', hiddenFields: ['name'], readonly: true },
      { resourceType: 'Patient', interaction: ['update'] },
    );
    expect(rules.hidden('Patient')).toEqual(['name', 'text']);
    expect(rules.hiddenIn('Patient', ANNA)).toEqual(['name', 'text']);
  });

  test('where it takes the database to tell which rule allows, the stricter holds', () => {
    const chain = 'Patient?general-practitioner.name=a';
    const rules = access(
      { resourceType: 'Patient', criteria: chain, hiddenFields: ['name'] },
      { resourceType: 'Patient', criteria: `${chain}b` },
    );
    expect(rules.hiddenIn('Patient', ANNA)).toEqual(['name', 'text']);
    const known = access(
      { resourceType: 'Patient', criteria: chain },
      { resourceType: 'Patient', criteria: 'Patient?active=true', hiddenFields: ['birthDate'] },
    );
    expect(known.hiddenIn('Patient', ANNA)).toEqual(['birthDate', 'text']);
  });

  test('rules about every type hide what a type has', () => {
    const rules = access({ resourceType: '*', hiddenFields: ['birthDate', 'valueString'] });
    expect(rules.hidden('Patient')).toEqual(['birthDate', 'text']);
    expect(rules.hidden('Observation')).toEqual(['valueString', 'text']);
    expect(rules.hidden('Encounter')).toEqual([]);
  });
});

describe('searching by what is hidden', () => {
  const conditionOf = (type: string, query: string): Condition => {
    const { definitions, support } = context;
    const pairs = [...new URLSearchParams(query)];
    const scope = { level: 'type' as const, types: [type] };
    const { conditions } = parseSearch(definitions, support, scope, pairs, 'strict').query.searches[0]!;
    return { kind: 'and', conditions };
  };
  const HIDDEN = ['birthDate', 'name.family', 'telecom.system', 'deceasedDateTime'];

  test.each([
    ['Patient', 'birthdate=1980', 'birthdate'],
    ['Patient', 'birthdate:missing=true', 'birthdate'],
    ['Patient', 'family=Berg', 'family'],
    ['Patient', 'name=Berg', 'name'],
    ['Patient', 'phonetic=Berg', 'phonetic'],
    ['Patient', 'phone=1', 'phone'],
    ['Patient', 'death-date=2020', 'death-date'],
    ['Patient', 'deceased=true', 'deceased'],
    ['Patient', '_content=Berg', '_content'],
    ['Patient', '_text=Berg', '_text'],
    ['Patient', '_filter=active eq true and birthdate gt 1980', 'birthdate'],
    ['Observation', 'patient.birthdate=1980', 'birthdate'],
    ['Observation', 'subject:Patient.name=Berg', 'name'],
    ['Practitioner', '_has:Patient:general-practitioner:birthdate=1980', 'birthdate'],
  ])('%s?%s is noticed', (type, query, code) => {
    const rules = accessOf(context, [
      policy({ resourceType: 'Patient', hiddenFields: HIDDEN }, { resourceType: 'Observation' }),
    ]);
    expect(rules.hiddenParameter(type, conditionOf(type, query))).toEqual({ type: 'Patient', code });
  });

  test.each([
    ['Patient', 'gender=male&given=Anna&active=true&_id=1&_lastUpdated=gt2020&identifier=a'],
    ['Patient', 'general-practitioner.name=a'],
    ['Observation', 'patient.gender=male&code=a&_content=b'],
    ['Practitioner', '_has:Patient:general-practitioner:gender=male'],
  ])('%s?%s looks at none of it', (type, query) => {
    expect(hiding(...HIDDEN).hiddenParameter(type, conditionOf(type, query))).toBeUndefined();
  });

  test('a parameter that does not tell what it looks at is taken to look at it', () => {
    const parameter = {
      url: 'urn:p',
      code: 'p',
      type: 'string' as const,
      base: ['Patient'],
      expression: "Patient.name.where(use = 'official' or family.exists()).given.first()",
    };
    const path = (field: string) => elementPaths(context.definitions, 'Patient', field);
    expect(looksAt(context.definitions, 'Patient', parameter, path('birthDate'))).toBe(true);
    expect(looksAt(context.definitions, 'Patient', parameter, [])).toBe(false);
    const known = { ...parameter, expression: 'Patient.name.given' };
    expect(looksAt(context.definitions, 'Patient', known, path('birthDate'))).toBe(false);
    expect(looksAt(context.definitions, 'Patient', known, path('name'))).toBe(true);
    expect(looksAt(context.definitions, 'Patient', known, path('name.given'))).toBe(true);
  });

  test('references that are hidden, followed either way, and by a compartment', () => {
    const rules = access({ resourceType: 'Observation', hiddenFields: ['subject', 'performer'] });
    expect(
      rules.hiddenParameter('Patient', conditionOf('Patient', '_has:Observation:patient:code=a')),
    ).toEqual({
      type: 'Observation',
      code: 'patient',
    });
    expect(
      rules.hiddenParameter('Observation', conditionOf('Observation', 'patient.gender=male')),
    ).toMatchObject({
      code: 'patient',
    });
    const { definitions, support } = context;
    const compartment = { type: 'Patient', id: 'pat1' };
    const scope = { level: 'type' as const, types: ['Observation'], compartment };
    const [condition] = parseSearch(definitions, support, scope, [], 'strict').query.searches[0]!.conditions;
    expect(rules.hiddenParameter('Observation', condition!)).toMatchObject({ type: 'Observation' });
  });

  test.each([
    ['component.valueQuantity', 'component-code-value-quantity=a$1', 'component-code-value-quantity'],
    ['valueQuantity', 'code-value-quantity=a$1', 'code-value-quantity'],
    ['code', 'code-value-quantity=a$1', 'code-value-quantity'],
    ['component.code', 'combo-code=a', 'combo-code'],
  ])('parts of composites and unions: %s', (field, query, code) => {
    const rules = access({ resourceType: 'Observation', hiddenFields: [field] });
    expect(rules.hiddenParameter('Observation', conditionOf('Observation', query))).toMatchObject({ code });
    const other = access({ resourceType: 'Observation', hiddenFields: ['effective'] });
    expect(other.hiddenParameter('Observation', conditionOf('Observation', query))).toBeUndefined();
  });
});
