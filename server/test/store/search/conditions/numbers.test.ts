import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseNumber } from '../../../../src/fhir/search/values/number.ts';
import { parseQuantity } from '../../../../src/fhir/search/values/quantity.ts';
import { ConditionWorld } from './support.ts';

const UCUM = 'http://unitsofmeasure.org';
const ucum = (value: number, code: string, more: object = {}) => ({
  valueQuantity: { value, system: UCUM, code, unit: code, ...more },
});

describe('numbers and quantities', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    const prediction = (value: object) => ({ prediction: [value] });
    await world.putAll('RiskAssessment', {
      low: prediction({ probabilityDecimal: 0.1 }),
      half: prediction({ probabilityDecimal: 0.5 }),
      'half-more': prediction({ probabilityDecimal: 0.549 }),
      'half-up': prediction({ probabilityDecimal: 0.55 }),
      negative: prediction({ probabilityDecimal: -2 }),
      range: prediction({ probabilityRange: { low: { value: 0.2 }, high: { value: 0.5 } } }),
      open: prediction({ probabilityRange: { low: { value: 0.9 } } }),
      two: { prediction: [{ probabilityDecimal: 0.1 }, { probabilityDecimal: 7 }] },
      none: {},
    });
    await world.putAll('Observation', {
      mg: ucum(5.4, 'mg', { unit: 'milligram' }),
      g: ucum(0.0054, 'g'),
      ug: ucum(5400, 'ug'),
      below: ucum(5, 'mg', { comparator: '<' }),
      'at-most': ucum(5, 'mg', { comparator: '<=' }),
      above: ucum(5, 'mg', { comparator: '>' }),
      'at-least': ucum(5, 'mg', { comparator: '>=' }),
      cold: ucum(-40, 'Cel'),
      warm: ucum(37, 'Cel'),
      acid: ucum(4, '[pH]'),
      base: ucum(9, '[pH]'),
      other: { valueQuantity: { value: 5.4, system: 'urn:units', code: 'mg', unit: 'mg' } },
      printed: { valueQuantity: { value: 5.4, unit: 'mg' } },
      bare: { valueQuantity: { value: 5.4 } },
      sampled: {
        valueSampledData: { origin: { value: 5.4, system: UCUM, code: 'mg' }, period: 1, dimensions: 1 },
      },
      text: { valueString: '5.4' },
    });
    const years = (value: number, code: string) => ({ value, system: UCUM, code, unit: code });
    await world.putAll('Condition', {
      'two-units': { onsetRange: { low: years(6, 'mo'), high: years(2, 'a') } },
      'one-unit': { onsetRange: { low: years(3, 'a'), high: years(4, 'a') } },
      never: {},
    });
  });
  afterAll(() => world.close());

  test.each([
    [true, ['never']],
    [false, ['one-unit', 'two-units']],
  ])('a range has a value also where its ends are of different units: missing=%s', async (missing, ids) => {
    const parameter = world.parameter('Condition', 'onset-age');
    expect(await world.find('Condition', { kind: 'missing', parameter, missing })).toEqual(ids);
  });

  const risks = (...texts: string[]) =>
    world.find('RiskAssessment', {
      kind: 'number',
      parameter: world.parameter('RiskAssessment', 'probability'),
      comparisons: texts.map(parseNumber),
    });

  test.each<[string[], string[]]>([
    [['0.5'], ['half', 'half-more']],
    [['0.50'], ['half']],
    [['-2'], ['negative']],
    [['ne0.5'], ['half-up', 'low', 'negative', 'open', 'range', 'two']],
    [['gt0.5'], ['half-more', 'half-up', 'open', 'two']],
    [['ge0.5'], ['half', 'half-more', 'half-up', 'open', 'range', 'two']],
    [['lt0.5'], ['low', 'negative', 'range', 'two']],
    [['le0.5'], ['half', 'low', 'negative', 'range', 'two']],
    [['le0.2'], ['low', 'negative', 'range', 'two']],
    [['sa0.2'], ['half', 'half-more', 'half-up', 'open', 'two']],
    [['eb0.5'], ['low', 'negative', 'two']],
    [['ap0.5'], ['half', 'half-more', 'half-up', 'range']],
    [['ap-2.1'], ['negative']],
    [['ap1'], ['open']],
    [
      ['0.1', '7'],
      ['low', 'two'],
    ],
    [['5e-1'], ['half']],
    [['gt1e300'], ['open']],
    [['lt-1e300'], []],
  ])('%j finds %j', async (texts, found) => {
    expect(await risks(...texts)).toEqual(found);
  });

  const observed = (...texts: string[]) =>
    world.find('Observation', {
      kind: 'quantity',
      parameter: world.parameter('Observation', 'value-quantity'),
      quantities: texts.map(parseQuantity),
    });
  const SAME = ['g', 'mg', 'sampled', 'ug'];

  test.each<[string, string[]]>([
    [`5.4|${UCUM}|mg`, SAME],
    [`5.40e-3|${UCUM}|g`, SAME],
    [`5.40000000000|${UCUM}|mg`, SAME],
    [`5.4000000000000000|${UCUM}|mg`, SAME],
    [`5.40000000000001|${UCUM}|mg`, SAME],
    [`5.40000000010|${UCUM}|mg`, []],
    [`0.00540000000000000|${UCUM}|g`, SAME],
    [`ge0.0054|${UCUM}|g`, ['above', 'at-least', ...SAME]],
    [`le0.0054|${UCUM}|g`, ['above', 'at-least', 'at-most', 'below', ...SAME]],
    [`gt0.0054|${UCUM}|g`, ['above', 'at-least']],
    [`gt5.4|${UCUM}|mg`, ['above', 'at-least']],
    [`lt5.4|${UCUM}|mg`, ['above', 'at-least', 'at-most', 'below']],
    [`lt5400|${UCUM}|ug`, ['above', 'at-least', 'at-most', 'below']],
    [`ge5|${UCUM}|mg`, ['above', 'at-least', 'at-most', ...SAME]],
    [`le5|${UCUM}|mg`, ['at-least', 'at-most', 'below']],
    [`sa5|${UCUM}|mg`, ['above', ...SAME]],
    [`eb5|${UCUM}|mg`, ['below']],
    [`ne5.4|${UCUM}|mg`, ['above', 'at-least', 'at-most', 'below']],
    [`ne5.40000000000000|${UCUM}|mg`, ['above', 'at-least', 'at-most', 'below']],
    [`ap0.005|${UCUM}|g`, ['above', 'at-least', 'at-most', 'below', ...SAME]],
    [`5.4|urn:units|mg`, ['other']],
    ['5.4||mg', ['mg', 'other', 'printed', 'sampled']],
    ['5.4||milligram', ['mg']],
    ['5.4', ['bare', 'mg', 'other', 'printed', 'sampled']],
    [`lt0|${UCUM}|Cel`, ['cold']],
    [`lt273.15|${UCUM}|K`, ['cold']],
    [`gt98|${UCUM}|[degF]`, ['warm']],
    [`gt7|${UCUM}|[pH]`, ['base']],
    [`lt7|${UCUM}|[pH]`, ['acid']],
    [`ge9|${UCUM}|[pH]`, ['base']],
    [`le4|${UCUM}|[pH]`, ['acid']],
    [`sa4|${UCUM}|[pH]`, ['base']],
    [`9|${UCUM}|[pH]`, ['base']],
    [`9.00000000000000|${UCUM}|[pH]`, ['base']],
    [`ne4|${UCUM}|[pH]`, ['base']],
    [`5.4|${UCUM}|no-such-unit`, []],
  ])('%s finds %j', async (text, found) => {
    expect(await observed(text)).toEqual([...found].sort());
  });

  test('several quantities are alternatives', async () => {
    expect(await observed(`5.4|${UCUM}|mg`, `lt0|${UCUM}|Cel`, '5.4||milligram')).toEqual(['cold', ...SAME]);
  });

  test('a printed unit stands with its own value', async () => {
    const part = (value: number, unit: string, code: string) => ({ valueQuantity: { value, unit, code } });
    await world.put('Observation/two-units', {
      component: [part(5, 'drops', '[drp]'), part(7, 'beats', '/min')],
    });
    await world.put('Observation/origin', {
      valueSampledData: { origin: { value: 81, unit: 'beats', code: '/min' } },
    });
    const asked = (code: string, text: string) => {
      const quantities = [parseQuantity(text)];
      return world.find('Observation', {
        kind: 'quantity',
        parameter: world.parameter('Observation', code),
        quantities,
      });
    };
    expect(await asked('component-value-quantity', '7||beats')).toEqual(['two-units']);
    expect(await asked('component-value-quantity', '7||drops')).toEqual([]);
    expect(await asked('component-value-quantity', '5||[drp]')).toEqual(['two-units']);
    expect(await asked('combo-value-quantity', '7||beats')).toEqual(['two-units']);
    expect(await asked('combo-value-quantity', '81||beats')).toEqual(['origin']);
  });

  test('a comparator at zero', async () => {
    await world.put('Observation/below-zero', ucum(0, 'kg', { comparator: '<' }));
    expect(await observed(`lt0|${UCUM}|kg`)).toContain('below-zero');
    expect(await observed(`ge0|${UCUM}|g`)).not.toContain('below-zero');
    expect(await observed('ge0||kg')).not.toContain('below-zero');
  });

  test('SQL: one look-up for the alternatives of a unit, with the printed unit as a key', () => {
    const parameter = world.parameter('Observation', 'value-quantity');
    const quantities = ['5||mg', 'gt7||mg'].map(parseQuantity);
    const { sql, values } = world.sqlOf('Observation', { kind: 'quantity', parameter, quantities });
    const row = (n: number, unit: number | undefined, from: number) =>
      `EXISTS (SELECT FROM observation_ranges s${n} WHERE s${n}.rid = m.rid AND s${n}.param = ANY ($${from}::bigint[])${unit ? ` AND s${n}.unit = $${unit}::bigint` : ''} AND (`;
    expect(
      sql.startsWith(
        `(${row(1, 2, 1)}(s1.lo >= $4::float8 AND s1.lo < $3::float8 AND s1.hi < $3::float8) OR s1.hi > $5::float8)) OR (m.keys && $6::bigint[] AND `,
      ),
    ).toBe(true);
    expect(values.slice(2, 5)).toEqual([5.5, 4.5, 7]);
  });
});
