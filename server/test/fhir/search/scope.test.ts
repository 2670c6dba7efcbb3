import { beforeAll, describe, expect, test } from '@jest/globals';
import { FhirError } from '../../../src/fhir/outcome.ts';
import type { SearchQuery } from '../../../src/fhir/search/ast.ts';
import { createReading, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

const searches = (query: string, scope = {}) => (reading.query('', query, { scope }) as SearchQuery).searches;
const COMMON = '_content, _filter, _has, _id, _lastUpdated, _list, _profile, _security, _source, _tag, _text';

describe('across types', () => {
  test('without _type all types are searched, in alphabetical order, by what they have in common', () => {
    const all = searches('_id=a&_tag=b&_list=c&_content=d&_filter=_lastUpdated gt 2020');
    expect(all.map(({ type }) => type)).toEqual([...reading.definitions.resourceTypes].sort());
    for (const { conditions } of all) {
      expect(conditions.map(({ kind }) => kind)).toEqual([
        'id',
        'token',
        'list',
        'full-text',
        'last-updated',
      ]);
    }
  });

  test('_type chooses', () => {
    expect(searches('_type=Patient,Observation,Patient')).toEqual([
      { type: 'Observation', conditions: [], sort: [] },
      { type: 'Patient', conditions: [], sort: [] },
    ]);
    expect(reading.parse('', '_type=Patient&birthdate=2020').used).toEqual([
      ['_type', 'Patient'],
      ['birthdate', '2020'],
    ]);
  });

  test('each type searches by its own parameter of a name', () => {
    const [encounter, patient] = searches('_type=Patient,Encounter&identifier=x&identifier:missing=false');
    expect(encounter!.conditions).toEqual(patient!.conditions);
    const found = reading.parse('', '_type=Patient,Encounter&identifier=x').query.searches;
    expect(
      found.map(({ conditions: [condition] }) => condition?.kind === 'token' && condition.parameter.url),
    ).toEqual([
      'http://hl7.org/fhir/SearchParameter/clinical-identifier',
      'http://hl7.org/fhir/SearchParameter/Patient-identifier',
    ]);
  });

  test('_has and _text are parameters of all resources, and find nothing where they cannot', () => {
    const nothing = { kind: 'constant', value: false };
    const byHas = new Map(
      searches('_has:Observation:subject:code=x').map(({ type, conditions }) => [type, conditions[0]]),
    );
    expect(byHas.get('Patient')).toEqual({
      kind: 'has',
      type: 'Observation',
      parameter: 'subject',
      condition: { kind: 'token', parameter: 'code', tokens: [{ code: 'x' }] },
    });
    expect(byHas.get('Account')).toEqual(nothing);
    const byText = searches('_type=Binary,Patient&_text=x');
    expect(byText.map(({ conditions }) => conditions[0])).toEqual([
      nothing,
      { kind: 'full-text', where: 'narrative', query: { kind: 'words', text: 'x' } },
    ]);
    const filtered = searches('_type=Account,Patient&_filter=_id eq a or _has:Observation:subject:code eq x');
    expect(filtered[0]!.conditions).toEqual([
      { kind: 'or', conditions: [{ kind: 'id', ids: ['a'] }, nothing] },
    ]);
  });

  test.each([
    [
      'birthdate=2020',
      `not-supported http.birthdate: 'birthdate' is not a search parameter of all resource types (Account lacks it). Without _type there are: ${COMMON}. Name types that have it in _type.`,
    ],
    [
      'subject.name=x',
      `not-supported http.subject.name: 'subject' is not a search parameter of all resource types (ActivityDefinition lacks it). Without _type there are: ${COMMON}. Name types that have it in _type.`,
    ],
    [
      '_type=Patient,Observation&birthdate=2020',
      `not-supported http.birthdate: Observation has no search parameter 'birthdate', and each type of _type must have it. They have in common: ${COMMON}, identifier.`,
    ],
    [
      '_type=Patient&birthdat=2020',
      `not-supported http.birthdat: Patient has no search parameter 'birthdat'. It has: ${COMMON}, active, address, address-city, address-country, address-postalcode, address-state, address-use, birthdate, death-date, deceased, email, family, gender, general-practitioner, given, identifier, language, link, name, organization, phone, phonetic, telecom.`,
    ],
    [
      '_type=Account,Binary&_has:Observation:subject:code=x',
      "not-supported http._has:Observation:subject:code: 'subject' of Observation does not refer to Binary, so _has cannot follow it: it refers to Device, Group, Location and Patient.",
    ],
    [
      '_filter=birthdate gt 2000',
      `not-supported http._filter: _filter, character 1: 'birthdate' is not a search parameter of all resource types (Account lacks it). Without _type there are: ${COMMON}. Name types that have it in _type.`,
    ],
    [
      '_sort=birthdate',
      `not-supported http._sort: 'birthdate' is not a search parameter of all resource types (Account lacks it). Without _type there are: ${COMMON}. Name types that have it in _type.`,
    ],
    [
      '_type=Patient,Observation&_sort=_id,birthdate',
      `not-supported http._sort: Observation has no search parameter 'birthdate', and each type of _type must have it. They have in common: ${COMMON}, identifier.`,
    ],
    ['_type=Patient&_type=Observation', 'invalid http._type: _type stands more than once: give it once.'],
    [
      '_type=Pat',
      "invalid http._type: _type names 'Pat', which is no resource type of R4: write types separated by commas.",
    ],
    [
      '_type=',
      'invalid http._type: _type names (empty), which is no resource type of R4: write types separated by commas.',
    ],
    [
      '_type=DomainResource',
      "invalid http._type: _type names 'DomainResource', which is no resource type of R4: write types separated by commas.",
    ],
    [
      '_type=Patient&_elements=valueQuantity,foo',
      "not-supported http._elements: _elements names 'valueQuantity', which is no top-level element of Patient.",
    ],
  ])('%s is refused', (query, text) => {
    const [refusal] = reading.refusals('', query);
    expect(refusal!.startsWith(text)).toBe(true);
  });

  test('elements and includes are of any of the types', () => {
    const query = reading.query(
      '',
      '_type=Patient,Observation&_elements=birthDate,valueQuantity&_include=Observation:subject',
    ) as SearchQuery;
    expect(query.elements).toEqual(['birthDate', 'value']);
    expect(query.includes).toHaveLength(1);
    expect(reading.refusals('', '_type=Patient,Observation&_elements=nam')).toEqual([
      "not-supported http._elements: _elements names 'nam', which is no top-level element of the types searched.",
    ]);
  });

  test('what the caller does not search cannot be named', () => {
    expect(reading.refusals('', '_type=Patient', { scope: { types: ['Observation'] } })).toEqual([
      'invalid http._type: _type names Patient, which cannot be searched here.',
    ]);
  });
});

describe('compartments', () => {
  const patient = { compartment: { type: 'Patient', id: '23' } };
  const compartment = (parameters: string[], self = false) => ({
    kind: 'compartment',
    type: 'Patient',
    id: '23',
    parameters,
    self,
  });

  test.each([
    ['Observation', compartment(['subject', 'performer'])],
    ['Encounter', compartment(['patient'])],
    ['Patient', compartment(['link'], true)],
  ])('%s', (type, condition) => {
    const query = reading.query(type, 'identifier=x', { scope: patient }) as SearchQuery;
    expect(query.searches).toHaveLength(1);
    expect(query.searches[0]!.conditions[0]).toEqual(condition);
    expect(query.searches[0]!.conditions[1]).toMatchObject({ kind: 'token', parameter: 'identifier' });
  });

  test('a resource without a parameter of its own type is in its own compartment', () => {
    const scope = { compartment: { type: 'Practitioner', id: '1' } };
    expect((reading.query('Practitioner', '', { scope }) as SearchQuery).searches[0]!.conditions).toEqual([
      { kind: 'compartment', type: 'Practitioner', id: '1', parameters: [], self: true },
    ]);
  });

  test('all that is in a compartment', () => {
    const all = searches('_lastUpdated=gt2020', patient);
    expect(all).toHaveLength(66);
    for (const { conditions } of all) {
      expect(conditions.map(({ kind }) => kind)).toEqual(['compartment', 'last-updated']);
    }
    expect(searches('_type=Observation,Encounter', patient).map(({ type }) => type)).toEqual([
      'Encounter',
      'Observation',
    ]);
  });

  test.each([
    [
      'Medication',
      {},
      '',
      'Medication is not in the Patient compartment: search Medication itself, with a parameter that refers to Patient if it has one.',
    ],
    [
      '',
      {},
      '_type=Observation,Medication',
      'Medication is not in the Patient compartment: search Medication itself, with a parameter that refers to Patient if it has one.',
    ],
    [
      'Observation',
      { compartment: { type: 'Group', id: '1' } },
      '',
      "'Group' has no compartment: there are those of Device, Encounter, Patient, Practitioner and RelatedPerson.",
    ],
  ])('%s %j %s is refused', (type, scope, query, text) => {
    const read = () => reading.parse(type, query, { scope: { ...patient, ...scope } });
    expect(read).toThrow(FhirError);
    expect(read).toThrow(text);
  });
});
