import { beforeAll, describe, expect, test } from '@jest/globals';
import { createSmallWorlds, observation, type SmallWorlds } from './smallWorlds.ts';
import { UCUM } from './units.ts';
import type { Json } from './world.ts';

/*
 * Small cases, most of them the examples of http://hl7.org/fhir/R4/search.html: the oracle itself is judged by hand.
 */
let small: SmallWorlds;
beforeAll(async () => {
  small = await createSmallWorlds();
});

describe('number', () => {
  const values = [99.4, 99.5, 100, 100.4, 100.5, 95, 104.9, 105];
  const assessments = Object.fromEntries(
    values.map((value) => [String(value), { prediction: [{ probabilityDecimal: value }] }]),
  );
  test.each([
    ['100', [99.5, 100, 100.4]],
    ['100.0', [100]],
    ['1e2', [99.4, 99.5, 100, 100.4, 100.5, 95, 104.9]],
    ['lt100', [99.4, 99.5, 95]],
    ['le100', [99.4, 99.5, 100, 95]],
    ['gt100', [100.4, 100.5, 104.9, 105]],
    ['ge100', [100, 100.4, 100.5, 104.9, 105]],
    ['ne100', [99.4, 100.5, 95, 104.9, 105]],
    ['ap100', values],
    ['ap95', [99.4, 99.5, 100, 100.4, 100.5, 95]],
    ['sa100.4', [100.5, 104.9, 105]],
    ['eb99.5', [99.4, 95]],
    ['95,105', [95, 104.9, 105]],
  ])('probability=%s', (value, expected) => {
    expect(small.found('RiskAssessment', `RiskAssessment?probability=${value}`, assessments).sort()).toEqual(
      expected.map(String).sort(),
    );
  });
});

describe('date', () => {
  const dates: Record<string, Json> = {
    day: { effectiveDateTime: '2013-01-14' },
    midnight: { effectiveDateTime: '2013-01-14T00:00:00Z' },
    ten: { effectiveDateTime: '2013-01-14T10:00:00Z' },
    next: { effectiveDateTime: '2013-01-15T00:00:00Z' },
    zone: { effectiveDateTime: '2013-01-15T00:30:00+01:00' },
    onwards: { effectivePeriod: { start: '2013-01-21' } },
    until: { effectivePeriod: { end: '2013-01-21' } },
    from15: { effectivePeriod: { start: '2013-03-15' } },
    timing: { effectiveTiming: { event: ['2013-01-31', '2013-03-24'] } },
    instant: { effectiveInstant: '2013-01-14T10:00:00Z' },
    none: {},
  };
  const observations = Object.fromEntries(Object.entries(dates).map(([id, json]) => [id, observation(json)]));
  test.each([
    ['eq2013-01-14', ['day', 'midnight', 'ten', 'zone', 'instant']],
    ['2013-01', ['day', 'midnight', 'ten', 'next', 'zone', 'instant']],
    ['ne2013-01-14', ['next', 'onwards', 'until', 'from15', 'timing']],
    ['lt2013-01-14T10:00', ['day', 'midnight', 'until']],
    ['gt2013-01-14T10:00', ['day', 'next', 'zone', 'onwards', 'until', 'from15', 'timing']],
    ['ge2013-03-14', ['onwards', 'from15', 'timing']],
    ['le2013-03-14', ['day', 'midnight', 'ten', 'next', 'zone', 'onwards', 'until', 'timing', 'instant']],
    ['sa2013-03-14', ['from15']],
    ['eb2013-03-14', ['day', 'midnight', 'ten', 'next', 'zone', 'until', 'instant']],
    ['eq2013-01-14T10:00:00.000Z', ['instant']],
    ['eq2013-02-01', []],
    ['ap2013-02-01', Object.keys(dates).filter((id) => id !== 'none')],
  ])('date=%s', (value, expected) => {
    expect(small.found('Observation', `Observation?date=${value}`, observations)).toEqual(expected);
  });
  test('_lastUpdated', () => {
    expect(
      small.found('Observation', 'Observation?_lastUpdated=lt2020-01-01T00:00:02Z', observations),
    ).toEqual(['day', 'midnight', 'none']);
  });
});

describe('string', () => {
  const patients: Record<string, Json> = {
    eve: { name: [{ given: ['Eve'] }] },
    evelyn: { name: [{ given: ['Evelyn'] }] },
    severine: { name: [{ given: ['Séverine', 'Ann  Mary'] }] },
    nobody: {},
  };
  test.each([
    ['given=eve', ['eve', 'evelyn']],
    ['given=ann mary', ['severine']],
    ['given:contains=EVE', ['eve', 'evelyn', 'severine']],
    ['given:exact=Eve', ['eve']],
    ['given:exact=eve', []],
    ['name=SE', ['severine']],
    ['given:missing=true', ['nobody']],
    ['given:missing=false', ['eve', 'evelyn', 'severine']],
    ['phonetic=efe', ['eve']],
    ['given=eve&given=evelyn', ['evelyn']],
  ])('%s', (query, expected) => {
    expect(small.found('Patient', `Patient?${encodeURI(query)}`, patients)).toEqual(expected);
  });
});

describe('token', () => {
  const mr = { coding: [{ system: 'http://types', code: 'MR' }], text: 'Record number' };
  const patients: Record<string, Json> = {
    male: { gender: 'male', identifier: [{ system: 'http://acme.org/patient', value: '2345', type: mr }] },
    female: { gender: 'female', identifier: [{ value: '2345' }], deceasedBoolean: false },
    other: {
      identifier: [{ system: 'http://other', value: 'a,b' }],
      deceasedDateTime: '2020',
      telecom: [{ system: 'email', value: 'E' }],
    },
  };
  test.each([
    ['identifier=http://acme.org/patient|2345', ['male']],
    ['identifier=2345', ['male', 'female']],
    ['identifier=|2345', ['female']],
    ['identifier=http://other|', ['other']],
    ['identifier=a\\,b', ['other']],
    ['identifier=a,b', []],
    ['identifier:of-type=http://types|MR|2345', ['male']],
    ['identifier:of-type=http://types|SS|2345', []],
    ['identifier:text=record', ['male']],
    ['gender:not=male', ['female', 'other']],
    ['gender:not=male,female', ['other']],
    ['gender=MALE', []],
    ['deceased=true', ['other']],
    ['deceased=false', ['male', 'female']],
    ['email=E', ['other']],
    ['phone=E', []],
    ['_id=male,x,other', ['male', 'other']],
    ['_filter=gender eq male or (gender pr false and identifier eq a,b)', ['male', 'other']],
    ['_filter=not (gender ne male)', ['male', 'other']],
  ])('%s', (query, expected) => {
    expect(small.found('Patient', `Patient?${query}`, patients)).toEqual(expected);
  });
});

describe('quantity', () => {
  const quantity = (value: number, more: Json = { system: UCUM, code: 'mg' }) =>
    observation({ valueQuantity: { value, ...more } });
  const observations: Record<string, Json> = {
    mg: quantity(5.4),
    g: quantity(0.0054, { system: UCUM, code: 'g' }),
    printed: quantity(5.4, { unit: 'mg' }),
    bare: quantity(5.44, {}),
    edge: quantity(5.35),
    over: quantity(5.45),
    below: quantity(5.4, { comparator: '<', system: UCUM, code: 'mg' }),
    drops: quantity(5.4, { system: 'http://acme', code: 'mg' }),
  };
  test.each([
    [`5.4|${UCUM}|mg`, ['mg', 'g', 'edge']],
    [`5.40e-3|${UCUM}|g`, ['mg', 'g']],
    ['5.4||mg', ['mg', 'printed', 'edge', 'drops']],
    ['5.4', ['mg', 'printed', 'bare', 'edge', 'drops']],
    [`le5.4|${UCUM}|mg`, ['mg', 'g', 'edge', 'below']],
    [`lt5.4|${UCUM}|mg`, ['edge', 'below']],
    [`ge5.4|${UCUM}|mg`, ['mg', 'g', 'over']],
    [`eb5.4|${UCUM}|mg`, ['edge', 'below']],
    ['5.4|http://acme|mg', ['drops']],
    [`ne5.4|${UCUM}|mg`, ['over', 'below']],
  ])('value-quantity=%s', (value, expected) => {
    expect(small.found('Observation', `Observation?value-quantity=${value}`, observations)).toEqual(expected);
  });
});

describe('uri', () => {
  const urls = [
    'http://acme.org',
    'http://acme.org/fhir',
    'http://acme.org/fhir/ValueSet/123',
    'http://acme.org/fhirx',
    'urn:oid:1.2.3.4.5',
  ];
  const sets = Object.fromEntries(urls.map((url, i) => [`v${i}`, { url }]));
  test.each([
    ['url=http://acme.org/fhir', ['v1']],
    ['url:below=http://acme.org/fhir/', ['v2']],
    ['url:below=http://acme.org/fhir', ['v1', 'v2']],
    ['url:above=http://acme.org/fhir/ValueSet/123/_history/5', ['v0', 'v1', 'v2']],
    ['url=urn:oid:1.2.3.4.5', ['v4']],
  ])('%s', (query, expected) => {
    expect(small.found('ValueSet', `ValueSet?${query}`, sets)).toEqual(expected);
  });
});

describe('composite', () => {
  const part = (code: string, value: number) => ({ code: { coding: [{ code }] }, valueQuantity: { value } });
  const observations = {
    low: observation({ component: [part('8480-6', 50), part('8462-4', 90)] }),
    high: observation({ component: [part('8480-6', 120), part('8462-4', 50)] }),
    own: observation(part('8480-6', 50)),
  };
  test.each([
    ['component-code-value-quantity=8480-6$lt60', ['low']],
    ['combo-code-value-quantity=8480-6$lt60', ['low', 'own']],
    ['code-value-quantity=8480-6$lt60,x$1', ['own']],
  ])('%s', (query, expected) => {
    expect(small.found('Observation', `Observation?${query}`, observations)).toEqual(expected);
  });
});

describe('near', () => {
  const at = (latitude: number, longitude: number): Json => ({ position: { latitude, longitude } });
  const locations = {
    west: at(-17.7, 179.999),
    east: at(-17.7, -179.999),
    pole: at(89.999, 0),
    across: at(89.999, 180),
    none: {},
  };
  test.each([
    ['-17.7|180|1|km', ['west', 'east']],
    ['-17.7|179.999|100|m', ['west']],
    ['90|77|200|m', ['pole', 'across']],
    ['89.999|0|100|m', ['pole']],
  ])('%s', (value, expected) => {
    expect(small.found('Location', `Location?near=${value}`, locations)).toEqual(expected);
  });
});
