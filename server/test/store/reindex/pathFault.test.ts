import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import { pathFault } from '../../../src/store/reindex/pathFault.ts';
import { r4Definitions } from '../../support/definitions.ts';

let definitions: Definitions;
beforeAll(async () => {
  definitions = await r4Definitions();
});

const fault = (changes: Partial<SearchParameterDefinition>) =>
  pathFault(definitions, { url: 'urn:made', code: 'made', type: 'string', base: ['Patient'], ...changes });

test.each<[SearchParameterDefinition['type'], string, string]>([
  ['string', 'Patient', 'Patient.contact.name'],
  ['string', 'Patient', 'contact.name.family'],
  ['string', 'Patient', 'Patient.contact[0].name.family'],
  ['string', 'Patient', 'Patient.contact.name.select(family.upper())'],
  ['number', 'Patient', '(Patient.multipleBirth as integer)'],
  ['number', 'Patient', "Patient.extension('urn:e').value.as(decimal)"],
  ['quantity', 'Patient', "Patient.extension.where(url = 'urn:e').value"],
  ['token', 'Patient', 'Patient.photo.exists()'],
  ['token', 'Resource', 'Resource.language'],
  ['token', 'DomainResource', 'DomainResource.text.status'],
  ['date', 'Observation', 'Observation.effective'],
  ['date', 'Bundle', 'Bundle.entry.resource.meta.lastUpdated'],
  ['reference', 'Observation', 'Observation.subject.where(resolve() is Patient)'],
  ['token', 'Observation', "Observation.code.coding.where(system = 'urn:s').code.first()"],
  ['string', 'Patient', "Patient.name.select(given.first() & ' ' & family)"],
  ['string', 'Patient', 'Patient.name.select(given | family)'],
  ['string', 'Patient', "Patient.name.given.join(', ')"],
  ['string', 'Patient', "Patient.telecom.value.replace('-', '').distinct()"],
  ['string', 'Patient', 'iif(Patient.name.exists(), Patient.name.family, {})'],
  ['token', 'Patient', 'Patient.descendants().ofType(Coding)'],
])('a %s of %s can be indexed by %s', (type, base, expression) => {
  expect(fault({ type, base: [base], expression })).toBeUndefined();
});

test.each<[SearchParameterDefinition['type'], string, string, string]>([
  ['string', 'Patient', 'Patient.nothing', 'Patient.nothing names an element that Patient does not have'],
  ['string', 'Patient', 'Practitioner.name', 'says nothing about its base Patient'],
  ['date', 'Resource', 'Resource.meta.lastUpdated', 'search by _lastUpdated'],
  ['token', 'Patient', 'Patient.meta.versionId', 'search by _lastUpdated'],
  ['token', 'Patient', 'Patient.meta.select(versionId)', 'search by _lastUpdated'],
  ['date', 'Resource', 'Observation.issued', 'says nothing about its base Account'],
  ['string', 'Patient', 'Patient.name.(', 'is no FHIRPath'],
  ['string', 'Patient', 'Patient.name.nonsense()', 'uses nonsense()'],
  ['date', 'Patient', 'Patient.name', 'leads to HumanName, which a date parameter cannot search'],
  ['token', 'Patient', 'Patient.managingOrganization.resolve().type', 'uses resolve()'],
  ['date', 'Patient', 'now()', 'uses now()'],
  ['token', 'Patient', "Patient.gender.memberOf('urn:vs')", 'uses memberOf()'],
  ['string', 'Patient', 'Patient.repeat($this)', 'uses repeat()'],
  ['string', 'Patient', 'Patient.name.select(nonsense())', 'uses nonsense()'],
  ['string', 'Patient', 'Patient.name.first(1)', 'is no FHIRPath: first'],
  ['token', 'Patient', '%context.gender', 'uses %context'],
  ['token', 'Patient', "Patient.name.family.matches('(a+)+$')", 'uses matches()'],
  [
    'string',
    'Patient',
    `Patient.name.given${'.select($this.combine($this))'.repeat(20)}`,
    'may make too much',
  ],
  ['string', 'Patient', `Patient.name${'.iif(true, $this.combine($this))'.repeat(20)}`, 'may make too much'],
  ['string', 'Patient', `Patient.name.family${'.select($this & $this)'.repeat(20)}`, 'may make too much'],
  ['string', 'Patient', 'Patient.name.family.replace($this, $this)', 'may make too much'],
  ['string', 'Patient', "Patient.name.given.join('x' & 'y')", 'may make too much'],
  [
    'string',
    'Patient',
    'Patient.descendants().descendants().descendants()',
    'calls descendants() more than 2',
  ],
  ['string', 'Patient', "Patient.name.select(HumanName { family: 'x' })", 'makes instances'],
])('a %s of %s cannot be indexed by %s', (type, base, expression, reason) => {
  expect(fault({ type, base: [base], expression })).toContain(reason);
});

test('codes that are names of JavaScript are refused', () => {
  for (const code of ['toString', 'constructor', 'valueOf'])
    expect(fault({ code, expression: 'Patient.name' })).toContain(`code ${code} cannot be used`);
});

describe('composites', () => {
  const CODE = 'http://hl7.org/fhir/SearchParameter/clinical-code';
  const QUANTITY = 'http://hl7.org/fhir/SearchParameter/Observation-value-quantity';
  const composite = (
    component: SearchParameterDefinition['component'],
    expression = 'Observation.component',
  ) => fault({ type: 'composite', base: ['Observation'], expression, component: component! });

  test('of known parts whose paths are elements can be indexed', () => {
    expect(
      composite([
        { definition: CODE, expression: 'code' },
        { definition: QUANTITY, expression: 'value.as(Quantity)' },
      ]),
    ).toBeUndefined();
  });

  test.each([
    ['urn:unknown', 'value', 'urn:unknown is no search parameter'],
    [QUANTITY, 'value.first()', 'must be a path of elements'],
    [QUANTITY, 'nothing', 'must be a path of elements'],
    [
      'http://hl7.org/fhir/SearchParameter/Observation-code-value-quantity',
      '$this',
      'cannot be a part of another',
    ],
    [QUANTITY, "value.matches('x')", 'must be a path of elements'],
  ])('with the part %s by %s cannot', (definition, expression, reason) => {
    expect(
      composite([
        { definition: CODE, expression: 'code' },
        { definition, expression },
      ]),
    ).toContain(reason);
  });

  test('of what the store writes itself cannot', () => {
    const parts = [
      { definition: 'http://hl7.org/fhir/SearchParameter/Resource-lastUpdated', expression: 'lastUpdated' },
      { definition: 'http://hl7.org/fhir/SearchParameter/Resource-tag', expression: 'tag' },
    ];
    expect(composite(parts, 'Observation.meta')).toContain('search by _lastUpdated');
  });

  test('whose context is no path of elements cannot', () => {
    const parts = [
      { definition: CODE, expression: 'code' },
      { definition: QUANTITY, expression: 'value' },
    ];
    expect(composite(parts, 'Observation.component.where(code.exists())')).toContain('must be a path');
  });
});
