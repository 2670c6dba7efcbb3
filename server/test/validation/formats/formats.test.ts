import { describe, expect, test } from '@jest/globals';
import { FORMATS } from '../../../src/validation/formats/formats.ts';
import { STRING_LENGTH_MAX } from '../../../src/validation/formats/text.ts';
import { r4Definitions } from '../../support/definitions.ts';

/** Values that are of the type, and values of the right JSON type that are not. */
const CASES: Record<string, { good: unknown[]; bad: unknown[] }> = {
  boolean: { good: [true, false], bad: ['true', 0, null, undefined] },
  integer: {
    good: [0, -0, 1, -1, 2147483647, -2147483648],
    bad: [2147483648, -2147483649, 1.5, 1e30, '1', true, Infinity],
  },
  unsignedInt: { good: [0, 2147483647], bad: [-1, 2147483648, 0.5] },
  positiveInt: { good: [1, 2147483647], bad: [0, -1, 2147483648, 1.5] },
  decimal: { good: [0, -0, 1.5, -1e-7, 1e300, 123456789012345], bad: ['1.5', true, null] },
  string: {
    good: ['a', 'a\tb\r\nc', 'é', '\u{1f600}', 'x'.repeat(STRING_LENGTH_MAX), `${'x'.repeat(99)}\u{1f600}`],
    bad: [
      '',
      'a\0b',
      'a\u0001',
      '\u001f',
      '\ud800',
      'a\udc00',
      `${'x'.repeat(99)}\ud800`,
      `${'x'.repeat(99)}\b`,
    ],
  },
  markdown: { good: ['# a\n\nb'], bad: ['', '\u0007'] },
  code: {
    good: ['a', 'a b', 'a b c', 'é', 'a\u00a0'],
    bad: ['', ' ', ' a', 'a ', 'a  b', 'a\tb', 'a\nb', '\ud800', 'é ', ' é'],
  },
  id: { good: ['a', 'A-1.b', 'x'.repeat(64)], bad: ['', 'x'.repeat(65), 'a_b', 'a b', 'é', 'a/b'] },
  oid: {
    good: ['urn:oid:1.2.840', 'urn:oid:2.0.1'],
    bad: ['1.2.840', 'urn:oid:3.1', 'urn:oid:1.02', 'urn:oid:1', 'urn:oid:1.2.', 'urn:oid:1.2\n'],
  },
  uuid: {
    good: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    bad: [
      'c757873d-ec9a-4326-a141-556f43239520',
      'urn:uuid:C757873D-ec9a-4326-a141-556f43239520',
      'urn:uuid:c757873d-ec9a-4326-a141',
    ],
  },
  uri: {
    good: ['http://example.org/a?b#c', 'urn:x', '#p1', 'http://exämple.org'],
    bad: ['', 'a b', ' a', 'a\n', 'a\tb', '\ud800'],
  },
  url: { good: ['https://example.org'], bad: ['https://example.org/a b'] },
  canonical: { good: ['http://example.org/x|1.0#a'], bad: ['http://example.org/x |1.0'] },
  date: {
    good: [
      '2023',
      '0001',
      '9999',
      '2023-01',
      '2023-12',
      '2023-02-28',
      '2024-02-29',
      '2000-02-29',
      '2023-12-31',
    ],
    bad: [
      ...[
        '',
        '0000',
        '23',
        '20230',
        '2023-13',
        '2023-00',
        '2023-1',
        '2023-02-29',
        '2023-02-30',
        '1900-02-29',
      ],
      ...[
        '2023-04-31',
        '2023-01-00',
        '2023-01-32',
        '2023/01/01',
        '2023-01-01Z',
        '2023-01-01T00:00:00Z',
        'abcd',
      ],
      ...['2023-', '-2023', '2023-01-1', '2023-01/01', ' 2023', '２０２３'],
    ],
  },
  dateTime: {
    good: [
      ...['2023', '2023-05', '2023-05-06', '2023-05-06T07:08:09Z', '2023-05-06T07:08:09.123456+14:00'],
      ...['2023-05-06T23:59:60-13:59', '2024-02-29T00:00:00-00:00'],
    ],
    bad: [
      ...['2023-05-06T07:08:09', '2023-05-06T07:08Z', '2023-05-06T24:00:00Z', '2023-05-06T07:60:00Z'],
      ...[
        '2023-05-06T07:08:61Z',
        '2023-05-06T07:08:09.Z',
        '2023-05-06T07:08:09+14:01',
        '2023-05-06 07:08:09Z',
      ],
      ...['2023-02-30T07:08:09Z', '2023-05-06T07:08:09z', '2023-05-06T07:08:09+0100', '2023-05-06T'],
      ...['2023-05T07:08:09Z', '2023-05-06T07:08:09Z ', '2023-05-06T07:08:09+1:00', ''],
    ],
  },
  instant: {
    good: ['2015-02-07T13:28:17.239+02:00', '2017-01-01T00:00:00Z'],
    bad: ['2017', '2017-01-01', '2017-01-01T00:00Z', '2017-01-01T00:00:00', '2017-02-29T00:00:00Z', ''],
  },
  time: {
    good: ['00:00:00', '23:59:60', '12:34:56.789'],
    bad: ['24:00:00', '12:60:00', '12:00:61', '12:34', '12:34:56Z', '12:34:56.', '1:2:3', ''],
  },
  base64Binary: {
    good: ['YQ==', 'YWI=', 'YWJj', 'YW Jj\r\nYWJj', '+/+/'],
    bad: ['', ' ', 'YQ', 'YQ=', 'Y===', '====', 'YQ==YQ==', 'Y=Q=', '%%%2', 'YW-j', 'YWJ\u00e9'],
  },
  xhtml: {
    good: ['<div xmlns="http://www.w3.org/1999/xhtml">a</div>', '\n <div>é\u{1f600}</div>', '<div/>'],
    bad: ['', 'a', '<p>a</p>', '<divider>', '<!DOCTYPE x><div/>', '<div>\u0001</div>', '<div>\ud800</div>'],
  },
};

describe.each(Object.entries(CASES))('%s', (type, { good, bad }) => {
  const { check } = FORMATS[type]!;

  test('takes what the specification allows', () => {
    expect(good.filter((value) => !check(value))).toEqual([]);
  });

  test('refuses what it does not', () => {
    expect(bad.filter((value) => check(value))).toEqual([]);
  });

  test('refuses every other JSON type', () => {
    const others = [null, undefined, {}, [], [good[0]], NaN].filter(
      (value) => typeof value !== FORMATS[type]!.json,
    );
    expect(others.filter((value) => check(value))).toEqual([]);
  });
});

test('every primitive type of R4 has a format with cases here', async () => {
  const definitions = await r4Definitions();
  const primitives = Object.keys(FORMATS).filter((name) => definitions.type(name)?.kind === 'primitive-type');
  expect(primitives).toHaveLength(20);
  expect(Object.keys(CASES).sort()).toEqual(primitives.sort());
});

/** Types for which we are stricter than the regular expression of the specification, which is less exact. */
const STRICTER = [
  'base64Binary',
  'string',
  'markdown',
  'date',
  'dateTime',
  'instant',
  'uri',
  'url',
  'canonical',
];

test("good values match the specification's regular expression, bad ones do not", async () => {
  const definitions = await r4Definitions();
  for (const [type, { good, bad }] of Object.entries(CASES)) {
    const pattern = definitions.type(type)?.regex;
    if (pattern === undefined) continue;
    // White space in the specification is XML's.
    const xml = pattern.replaceAll('[^\\s]', '[^ \\t\\r\\n]').replaceAll('\\S', '[^ \\t\\r\\n]');
    const regex = new RegExp(`^(${xml.replaceAll('[ \\r\\n\\t[^ \\t\\r\\n]]', '[^]')})$`, 'u');
    const sourceTextOf = (value: unknown): string => (Object.is(value, -0) ? '-0' : String(value));
    const short = good.filter((value) => String(value).length < 1000);
    expect([
      type,
      short.filter((value) => !regex.test(sourceTextOf(value)) && typeof value === 'string'),
    ]).toEqual([type, type === 'base64Binary' ? ['YW Jj\r\nYWJj'] : []]);
    if (STRICTER.includes(type)) continue;
    const ofType = bad.filter((value) => typeof value === 'string' && FORMATS[type]!.json === 'string');
    const accepted = ofType.filter((value) => regex.test(value as string));
    expect([type, accepted]).toEqual([type, type === 'code' ? ['a\tb', 'a\nb', '\ud800'] : []]);
  }
});
