import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Condition, PartValue } from '../../../../src/fhir/search/ast.ts';
import { parseDate } from '../../../../src/fhir/search/values/date.ts';
import { parseNumber } from '../../../../src/fhir/search/values/number.ts';
import { parseQuantity } from '../../../../src/fhir/search/values/quantity.ts';
import { parseToken } from '../../../../src/fhir/search/values/token.ts';
import { ConditionWorld } from './support.ts';

const UCUM = 'http://unitsofmeasure.org';

const token = (text: string): PartValue => ({ kind: 'token', token: parseToken(text) });
const quantity = (text: string): PartValue => ({ kind: 'quantity', quantity: parseQuantity(text) });
const date = (text: string): PartValue => ({ kind: 'date', comparison: parseDate(text) });
const number = (text: string): PartValue => ({ kind: 'number', comparison: parseNumber(text) });
const string = (value: string): PartValue => ({ kind: 'string', value });
const reference = (value: string): PartValue => ({ kind: 'reference', reference: { value } });

describe('composites', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    const coded = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
    const measured = (value: number, code: string, more: object = {}) => ({
      value,
      system: UCUM,
      code,
      ...more,
    });
    const component = (code: string, value: number, unit = 'mm[Hg]') => ({
      code: coded(code),
      valueQuantity: measured(value, unit),
    });
    await world.putAll('Observation', {
      pressure: {
        code: coded('bp'),
        component: [component('sys', 150), component('dia', 90)],
        effectiveDateTime: '2020',
      },
      low: {
        code: coded('bp'),
        component: [component('sys', 12, 'kPa'), component('dia', 60)],
        effectiveDateTime: '2021',
      },
      weight: {
        code: coded('w'),
        valueQuantity: measured(80, 'kg'),
        effectivePeriod: { start: '2020-05', end: '2021' },
      },
      light: { code: coded('w'), valueQuantity: measured(3, 'kg', { comparator: '<' }) },
      text: { code: coded('t'), valueString: 'Ärger  groß' },
      concept: {
        code: coded('c'),
        component: [
          { code: coded('x'), valueCodeableConcept: coded('pos') },
          { code: coded('y'), valueCodeableConcept: coded('neg') },
        ],
      },
    });
    await world.putAll('MolecularSequence', {
      two: {
        referenceSeq: { chromosome: { coding: [{ code: '7' }] } },
        variant: [
          { start: 10, end: 20 },
          { start: 100, end: 200 },
        ],
      },
    });
    await world.putAll('DocumentReference', {
      amends: {
        relatesTo: [
          { code: 'appends', target: { reference: 'DocumentReference/a' } },
          { code: 'replaces', target: { reference: 'DocumentReference/b' } },
        ],
      },
    });
  });
  afterAll(() => world.close());

  const composite = (type: string, code: string, ...values: PartValue[][]): Condition => ({
    kind: 'composite',
    parameter: world.parameter(type, code),
    values,
  });

  test.each<[string, PartValue[][], string[]]>([
    ['component-code-value-quantity', [[token('sys'), quantity('gt140')]], ['pressure']],
    ['component-code-value-quantity', [[token('dia'), quantity('gt140')]], []],
    ['component-code-value-quantity', [[token('sys'), quantity('ge100')]], ['pressure']],
    ['component-code-value-quantity', [[token('sys'), quantity(`lt13|${UCUM}|kPa`)]], ['low']],
    ['component-code-value-quantity', [[token('sys'), quantity(`gt13|${UCUM}|kPa`)]], ['pressure']],
    [
      'component-code-value-quantity',
      [
        [token('dia'), quantity('le60')],
        [token('dia'), quantity('90')],
      ],
      ['low', 'pressure'],
    ],
    ['component-code-value-quantity', [[token('http://loinc.org|sys'), quantity('ne150')]], ['low']],
    ['component-code-value-quantity', [[token('urn:x|sys'), quantity('gt1')]], []],
    [
      'combo-code-value-quantity',
      [
        [token('w'), quantity('80||kg')],
        [token('sys'), quantity('150')],
      ],
      ['pressure', 'weight'],
    ],
    ['code-value-quantity', [[token('w'), quantity(`80000|${UCUM}|g`)]], ['weight']],
    ['code-value-quantity', [[token('w'), quantity(`ge3|${UCUM}|kg`)]], ['weight']],
    ['code-value-quantity', [[token('w'), quantity(`eb3|${UCUM}|kg`)]], ['light']],
    ['code-value-date', [[token('w'), date('2020')]], []],
    ['code-value-string', [[token('t'), string('arger gro')]], ['text']],
    ['code-value-string', [[token('t'), string('\u0301')]], []],
    ['code-value-string', [[token('w'), string('arger')]], []],
    ['component-code-value-concept', [[token('x'), token('pos')]], ['concept']],
    ['component-code-value-concept', [[token('x'), token('neg')]], []],
  ])('%s %j finds %j', async (code, values, found) => {
    expect(await world.find('Observation', composite('Observation', code, ...values))).toEqual(found);
  });

  test('the unit of a part is also found as it is printed', async () => {
    const valueQuantity = { value: 61, unit: 'beats', code: '/min' };
    await world.put('Observation/rate', {
      component: [{ code: { coding: [{ code: 'hr' }] }, valueQuantity }],
    });
    const find = (text: string) =>
      world.find(
        'Observation',
        composite('Observation', 'component-code-value-quantity', [token('hr'), quantity(text)]),
      );
    expect(await find('61||beats')).toEqual(['rate']);
    expect(await find('61||/min')).toEqual(['rate']);
    expect(await find('61||drops')).toEqual([]);
  });

  test.each<[string, string, string[]]>([
    ['10', '20', ['two']],
    ['100', '200', ['two']],
    ['10', '200', []],
    ['ge10', 'lt30', ['two']],
    ['gt10', 'lt200', []],
    ['gt10', 'le200', ['two']],
    ['sa10', 'eb200', []],
    ['ne10', 'ne20', ['two']],
    ['ne10', '20', []],
    ['ap11', 'ap19', ['two']],
  ])('start %s and end %s of a variant find %j', async (start, end, found) => {
    const parts = [token('7'), number(start), number(end)];
    expect(
      await world.find(
        'MolecularSequence',
        composite('MolecularSequence', 'chromosome-variant-coordinate', parts),
      ),
    ).toEqual(found);
  });

  test('a reference with its code', async () => {
    const find = (target: string, code: string) =>
      world.find(
        'DocumentReference',
        composite('DocumentReference', 'relationship', [token(code), reference(target)]),
      );
    expect(await find('DocumentReference/a', 'appends')).toEqual(['amends']);
    expect(await find('b', 'replaces')).toEqual(['amends']);
    expect(await find('DocumentReference/a', 'replaces')).toEqual([]);
  });

  test('SQL: a composite of what occurs once is its parts; others have rows of their own', () => {
    const once = world.sqlOf(
      'Observation',
      composite('Observation', 'code-value-string', [token('t'), string('a%')]),
    );
    expect(once.sql).toBe(
      '(m.keys @> $1::bigint[] AND EXISTS (SELECT FROM observation_strings s1 WHERE s1.rid = m.rid AND s1.param = $2::bigint AND s1.value LIKE $3))',
    );
    const pair = composite('MolecularSequence', 'chromosome-variant-coordinate', [
      token('7'),
      number('gt1'),
      number('2'),
    ]);
    expect(world.sqlOf('MolecularSequence', pair).sql).toBe(
      'EXISTS (SELECT FROM molecularsequence_ranges s1 WHERE s1.rid = m.rid AND s1.param = $2::bigint AND s1.lo > $1::float8 AND (s1.hi >= $4::float8 AND s1.hi < $3::float8 AND s1.hi < $3::float8))',
    );
  });
});
