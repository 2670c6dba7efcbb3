import { beforeAll, describe, expect, test } from '@jest/globals';
import { createReading, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

const ms = (text: string) => Date.parse(text);

describe('dates', () => {
  test.each([
    ['2020', 'eq', '2020-01-01T00:00:00.000Z', '2020-12-31T23:59:59.999Z'],
    ['ge2020-02', 'ge', '2020-02-01T00:00:00.000Z', '2020-02-29T23:59:59.999Z'],
    ['lt2020-02-29', 'lt', '2020-02-29T00:00:00.000Z', '2020-02-29T23:59:59.999Z'],
    ['gt2020-02-29T10:15', 'gt', '2020-02-29T10:15:00.000Z', '2020-02-29T10:15:59.999Z'],
    ['le2020-02-29T10:15:20Z', 'le', '2020-02-29T10:15:20.000Z', '2020-02-29T10:15:20.999Z'],
    ['sa2020-02-29T10:15:20.5%2B02:00', 'sa', '2020-02-29T08:15:20.500Z', '2020-02-29T08:15:20.599Z'],
    ['eb2020-02-29T10:15:20.123-05:00', 'eb', '2020-02-29T15:15:20.123Z', '2020-02-29T15:15:20.123Z'],
    ['ne2020', 'ne', '2020-01-01T00:00:00.000Z', '2020-12-31T23:59:59.999Z'],
    ['ap2020', 'ap', '2020-01-01T00:00:00.000Z', '2020-12-31T23:59:59.999Z'],
    ['eq2020', 'eq', '2020-01-01T00:00:00.000Z', '2020-12-31T23:59:59.999Z'],
  ])('birthdate=%s', (value, prefix, lo, hi) => {
    expect(reading.conditions('Patient', `birthdate=${value}`)).toEqual([
      {
        kind: 'date',
        parameter: 'birthdate',
        comparisons: [{ prefix, lo: ms(lo), hi: ms(hi), exact: ms(lo) }],
      },
    ]);
  });

  const noDate =
    'is no date: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fff]][Z|+hh:mm|-hh:mm], a day and time that exist.';
  test.each([
    ['yesterday', noDate],
    ['2020-02-30', noDate],
    ['2020-02-03T10', noDate],
    ['20-02-03', noDate],
    ['ge', noDate],
    ['gege2020', noDate],
    ['2020-13', noDate],
    ['xx2020', "has the prefix 'xx', which does not exist: there are eq, ne, gt, lt, ge, le, sa, eb, ap."],
    ['GE2020', "has the prefix 'GE', which does not exist: there are eq, ne, gt, lt, ge, le, sa, eb, ap."],
    ['2020-02-03T10:00+02:00', 'has a space before its zone: write the + of a zone as %2B.'],
  ])('birthdate=%s is refused', (value, text) => {
    expect(reading.refusals('Patient', `birthdate=${value}`)).toEqual([
      `value http.birthdate: The value of 'birthdate' ${text}`,
    ]);
  });
});

describe('numbers', () => {
  test.each([
    ['100', 'eq', 100, 99.5, 100.5],
    ['100.00', 'eq', 100, 99.995, 100.005],
    ['1e2', 'eq', 100, 95, 105],
    ['1.0e2', 'eq', 100, 95, 105],
    ['1.00e2', 'eq', 100, 99.5, 100.5],
    ['12e1', 'eq', 120, 115, 125],
    ['5E-1', 'eq', 0.5, 0.495, 0.505],
    ['gt5.4', 'gt', 5.4, 5.35, 5.45],
    ['0', 'eq', 0, -0.5, 0.5],
    ['-0', 'eq', 0, -0.5, 0.5],
    ['ne-5', 'ne', -5, -5.5, -4.5],
    ['ap0.10', 'ap', 0.1, 0.095, 0.105],
    ['007', 'eq', 7, 6.5, 7.5],
    ['9007199254740993', 'eq', 9007199254740992, 9007199254740992, 9007199254740994],
    ['0.30000000000000000001', 'eq', 0.3, 0.3, 0.30000000000000004],
    ['-0.30000000000000000001', 'eq', -0.3, -0.3, -0.29999999999999993],
  ])('probability=%s', (value, prefix, exact, lo, hi) => {
    expect(reading.conditions('RiskAssessment', `probability=${value}`)).toEqual([
      { kind: 'number', parameter: 'probability', comparisons: [{ prefix, exact, lo, hi }] },
    ]);
  });

  const noNumber =
    'is no number: write digits like 5, -5.40 or 5.4e-3, at most 64 characters and in the range of double precision.';
  test.each([
    ['five', noNumber],
    ['5,', undefined],
    ['5.', noNumber],
    ['.5', noNumber],
    ['%2B5', noNumber],
    ['1e400', noNumber],
    ['0x10', noNumber],
    ['NaN', noNumber],
    ['Infinity', noNumber],
    [`1${'0'.repeat(64)}`, noNumber],
    ['zz5', "has the prefix 'zz', which does not exist: there are eq, ne, gt, lt, ge, le, sa, eb, ap."],
  ])('probability=%s is refused', (value, text) => {
    expect(reading.refusals('RiskAssessment', `probability=${value}`)).toEqual([
      text === undefined
        ? "invalid http.probability: Value 2 of 'probability' is empty: leave out a comma that separates nothing."
        : `value http.probability: The value of 'probability' ${text}`,
    ]);
  });
});

describe('quantities', () => {
  const five = { exact: 5.4, lo: 5.35, hi: 5.45 };
  test.each([
    ['5.4', { prefix: 'eq', ...five }],
    [
      'le5.4|http://unitsofmeasure.org|mg',
      { prefix: 'le', ...five, system: 'http://unitsofmeasure.org', code: 'mg' },
    ],
    ['5.4||mg', { prefix: 'eq', ...five, code: 'mg' }],
    ['gt5.4||', { prefix: 'gt', ...five }],
  ])('value-quantity=%s', (value, quantity) => {
    expect(reading.conditions('Observation', `value-quantity=${value}`)).toEqual([
      { kind: 'quantity', parameter: 'value-quantity', quantities: [quantity] },
    ]);
  });

  test.each(['5.4|mg', '5.4|', '5.4|http://unitsofmeasure.org|', '5.4|a|b|c'])(
    'value-quantity=%s is refused',
    (value) => {
      expect(reading.refusals('Observation', `value-quantity=${value}`)).toEqual([
        "value http.value-quantity: The value of 'value-quantity' is no quantity: write number, number|system|code or number||code (the unit in any system).",
      ]);
    },
  );
});

describe('composites', () => {
  test.each([
    [
      'Observation',
      'code-value-quantity=http://loinc.org|2823-3$gt5.4||mmol',
      [
        { kind: 'token', token: { system: 'http://loinc.org', code: '2823-3' } },
        { kind: 'quantity', quantity: { prefix: 'gt', exact: 5.4, lo: 5.35, hi: 5.45, code: 'mmol' } },
      ],
    ],
    [
      'Observation',
      'code-value-string=a%5C$b$c%5C,d',
      [
        { kind: 'token', token: { code: 'a$b' } },
        { kind: 'string', value: 'c,d' },
      ],
    ],
    [
      'Observation',
      'code-value-date=x$ge2020',
      [
        { kind: 'token', token: { code: 'x' } },
        {
          kind: 'date',
          comparison: {
            prefix: 'ge',
            lo: ms('2020-01-01T00:00:00Z'),
            hi: ms('2020-12-31T23:59:59.999Z'),
            exact: ms('2020-01-01T00:00:00Z'),
          },
        },
      ],
    ],
    [
      'DocumentReference',
      'relationship=replaces$DocumentReference/1',
      [
        { kind: 'token', token: { code: 'replaces' } },
        { kind: 'reference', reference: { value: 'DocumentReference/1' } },
      ],
    ],
    [
      'MolecularSequence',
      'chromosome-window-coordinate=1$lt10$2',
      [
        { kind: 'token', token: { code: '1' } },
        { kind: 'number', comparison: { prefix: 'lt', exact: 10, lo: 9.5, hi: 10.5 } },
        { kind: 'number', comparison: { prefix: 'eq', exact: 2, lo: 1.5, hi: 2.5 } },
      ],
    ],
  ])('%s?%s', (type, query, parts) => {
    const code = query.slice(0, query.indexOf('='));
    expect(reading.conditions(type, query)).toEqual([
      { kind: 'composite', parameter: code, values: [parts] },
    ]);
  });

  test('several values are alternatives', () => {
    expect(reading.conditions('Observation', 'code-value-concept=a$b,c$d')).toEqual([
      {
        kind: 'composite',
        parameter: 'code-value-concept',
        values: [
          [
            { kind: 'token', token: { code: 'a' } },
            { kind: 'token', token: { code: 'b' } },
          ],
          [
            { kind: 'token', token: { code: 'c' } },
            { kind: 'token', token: { code: 'd' } },
          ],
        ],
      },
    ]);
  });

  test.each([
    ['a', 'has not its 2 parts: write code$value-quantity; a $ within a part is \\$.'],
    ['a$', 'has not its 2 parts: write code$value-quantity; a $ within a part is \\$.'],
    ['a$1$2', 'has not its 2 parts: write code$value-quantity; a $ within a part is \\$.'],
    [
      'a$x',
      'has a wrong part 2, which is no number: write digits like 5, -5.40 or 5.4e-3, at most 64 characters and in the range of double precision.',
    ],
  ])('code-value-quantity=%s is refused', (value, text) => {
    expect(reading.refusals('Observation', `code-value-quantity=${value}`)).toEqual([
      `value http.code-value-quantity: The value of 'code-value-quantity' ${text}`,
    ]);
  });
});

describe('near', () => {
  test.each([
    ['-83.694810|42.256500|11.20|km', { latitude: -83.69481, longitude: 42.2565, distanceM: 11200 }],
    ['10|20', { latitude: 10, longitude: 20, distanceM: 50_000 }],
    ['10|20||', { latitude: 10, longitude: 20, distanceM: 50_000 }],
    ['10|20|5', { latitude: 10, longitude: 20, distanceM: 5000 }],
    ['10|20|0|m', { latitude: 10, longitude: 20, distanceM: 0 }],
    ['90|-180|1|[mi_i]', { latitude: 90, longitude: -180, distanceM: 1609.344 }],
    ['-90|180|3937|[ft_us]', { latitude: -90, longitude: 180, distanceM: 1200 }],
  ])('near=%s', (value, place) => {
    expect(reading.conditions('Location', `near=${value}`)).toEqual([
      { kind: 'near', parameter: 'near', places: [place] },
    ]);
  });

  const unit =
    'has an unknown unit of length: write one of km, m, dm, cm, mm, [mi_i], [nmi_i], [yd_i], [ft_i], [in_i], [mi_us], [yd_us] and [ft_us].';
  test.each([
    ['10', 'is no place: write latitude|longitude|distance|unit, of which the last two may be left out.'],
    [
      '1|2|3|km|x',
      'is no place: write latitude|longitude|distance|unit, of which the last two may be left out.',
    ],
    ['91|20', 'has a wrong latitude: it must be a number from -90 to 90.'],
    ['10|-180.1', 'has a wrong longitude: it must be a number from -180 to 180.'],
    ['|20', 'has a wrong latitude: it must be a number from -90 to 90.'],
    ['10|20|-1', 'has a wrong distance: it must be a number of at least 0.'],
    ['10|20|gt1', 'has a wrong distance: it must be a number of at least 0.'],
    ['10|20||km', 'has a unit but no distance.'],
    ['10|20|5|miles', unit],
    ['10|20|5|constructor', unit],
  ])('near=%s is refused', (value, text) => {
    expect(reading.refusals('Location', `near=${value}`)).toEqual([
      `value http.near: The value of 'near' ${text}`,
    ]);
  });
});
