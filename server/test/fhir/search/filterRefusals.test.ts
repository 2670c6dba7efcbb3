import { beforeAll, describe, expect, test } from '@jest/globals';
import { createReading, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

function refusal(type: string, text: string): string {
  const issues = reading.issues(type, `_filter=${encodeURIComponent(text)}`);
  expect(issues).toHaveLength(1);
  expect(issues[0]!.expression).toEqual(['http._filter']);
  return `${issues[0]!.code} ${issues[0]!.diagnostics.replace(/^_filter, character (\d+): /, '$1: ')}`;
}

const operators = 'eq, ne, co, sw, ew, gt, lt, ge, le, ap, sa, eb, pr, po, ss, sb, in, ni, re';

describe('what is not well formed is refused at its place', () => {
  test.each([
    ['', 'invalid 1: here must stand the name of a search parameter, but the filter ends.'],
    ['  ', 'invalid 3: here must stand the name of a search parameter, but the filter ends.'],
    ['"name" eq x', 'invalid 1: here must stand the name of a search parameter.'],
    ['5 eq x', 'invalid 1: here must stand the name of a search parameter.'],
    ['name', 'invalid 5: here must stand a space and an operator, but the filter ends.'],
    ['name=x', 'invalid 5: here must stand a space and an operator.'],
    ['name ', `invalid 6: here must stand an operator: one of ${operators}, but the filter ends.`],
    ['name is x', `invalid 6: here must stand an operator: one of ${operators}.`],
    ['name EQ x', `invalid 6: here must stand an operator: one of ${operators}.`],
    ['name eq', 'invalid 8: here must stand a space and a value, but the filter ends.'],
    [
      'name eq ',
      'invalid 9: here must stand a value: a word, or a string in double quotes, but the filter ends.',
    ],
    ['name eq )', 'invalid 9: here must stand a value: a word, or a string in double quotes.'],
    ['name eq "x', 'invalid 9: here must stand a value: a word, or a string in double quotes.'],
    [
      'name eq "x\\q"',
      'invalid 9: the string must be one of JSON: \\" for a quotation mark, \\\\ for a backslash.',
    ],
    [
      'name eq "x\ny"',
      'invalid 9: the string must be one of JSON: \\" for a quotation mark, \\\\ for a backslash.',
    ],
    [
      'name eq "\\u0000"',
      'invalid 9: the string must be one of JSON: \\" for a quotation mark, \\\\ for a backslash.',
    ],
    [
      'name eq "\\ud800"',
      'invalid 9: the string must be one of JSON: \\" for a quotation mark, \\\\ for a backslash.',
    ],
    ['name eq ""', 'invalid 9: the string is empty: use pr to ask whether there is a value.'],
    ['name eq x y', "invalid 11: here must stand 'and', 'or' or the end of the filter."],
    ['name eq x)', "invalid 10: here must stand 'and', 'or' or the end of the filter."],
    ['name eq x]', "invalid 10: here must stand 'and', 'or' or the end of the filter."],
    ['name eq x and', "invalid 11: here must stand 'and', 'or' or the end of the filter."],
    ['name eq x and ', 'invalid 15: here must stand the name of a search parameter, but the filter ends.'],
    ['name eq x And name eq y', "invalid 11: here must stand 'and', 'or' or the end of the filter."],
    ['(name eq x', "invalid 11: here must stand 'and', 'or' or ')', but the filter ends."],
    ['(name eq x]', "invalid 11: here must stand 'and', 'or' or ')'."],
    ['()', 'invalid 2: here must stand the name of a search parameter.'],
    ['not name eq x', "invalid 5: here must stand '(' after 'not'."],
    [
      'organization[name eq x].',
      'invalid 25: here must stand the name of a search parameter, but the filter ends.',
    ],
    [
      'organization[name eq x] pr true',
      "invalid 24: here must stand '.' and what is tested of the resource referred to.",
    ],
    ['name:exact eq x', "invalid 11: here must stand '.' and what is tested of the resource referred to."],
    ['name: eq x', 'invalid 6: here must stand a resource type.'],
    ['organization[name eq x', "invalid 23: here must stand 'and', 'or' or ']', but the filter ends."],
    [
      '_has:Observation eq x',
      "invalid 17: here must stand ':' and the reference, as in _has:Observation:patient:code.",
    ],
    [
      '_has:Observation:patient eq x',
      "invalid 25: here must stand ':' and what is tested, as in _has:Observation:patient:code.",
    ],
    ['_has:9 eq x', 'invalid 6: here must stand the type that refers, as in _has:Observation:patient:code.'],
    [
      '_has:Observation: eq x',
      'invalid 18: here must stand a reference parameter, as in _has:Observation:patient:code.',
    ],
  ])('%j', (text, expected) => {
    expect(refusal('Patient', text)).toBe(expected);
  });
});

describe('what has no meaning is refused at its place', () => {
  const noDate =
    'the value is no date: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fff]][Z|+hh:mm|-hh:mm], a day and time that exist.';
  const ordered = 'eq, ne, gt, lt, ge, le, ap, sa, eb and pr';
  const unserved = (operator: string, code: string, type: string, parameterType: string, served: string) =>
    `the operator '${operator}' is not served here: '${code}' of ${type} (of type ${parameterType}) takes ${served}.`;
  test.each([
    [
      'Patient',
      'birthdate po 2010',
      `not-supported 11: ${unserved('po', 'birthdate', 'Patient', 'date', ordered)}`,
    ],
    [
      'Patient',
      'birthdate co 2010',
      `not-supported 11: ${unserved('co', 'birthdate', 'Patient', 'date', ordered)}`,
    ],
    [
      'Patient',
      'name gt x',
      `not-supported 6: ${unserved('gt', 'name', 'Patient', 'string', 'eq, ne, co, sw, ew and pr')}`,
    ],
    [
      'Patient',
      'gender ew x',
      `not-supported 8: ${unserved('ew', 'gender', 'Patient', 'token', 'eq, ne, co, sw and pr')}`,
    ],
    [
      'Patient',
      'gender re x',
      `not-supported 8: ${unserved('re', 'gender', 'Patient', 'token', 'eq, ne, co, sw and pr')}`,
    ],
    [
      'Patient',
      'organization co x',
      `not-supported 14: ${unserved('co', 'organization', 'Patient', 'reference', 're, eq, ne and pr')}`,
    ],
    ['Location', 'near ne 1|2', `not-supported 6: ${unserved('ne', 'near', 'Location', 'special', 'eq')}`],
    [
      'Patient',
      '_id co x',
      "not-supported 5: the operator 'co' is not served here: '_id' takes eq, ne and pr.",
    ],
    ['Patient', '_list ne x', "not-supported 7: the operator 'ne' is not served here: '_list' takes eq."],
    ...['ss', 'sb', 'in', 'ni'].map((operator) => [
      'Observation',
      `code ${operator} http://x`,
      `not-supported 6: the operator '${operator}' needs terminology, which a filter does not ask (write :in, :not-in, :above or :below beside it): 'code' of Observation (of type token) takes eq, ne, co, sw and pr.`,
    ]),
    ['Patient', 'active eq true and birthdate gt abc', `value 33: ${noDate}`],
    ['Patient', 'birthdate gt ge2010', `value 14: ${noDate}`],
    ['Patient', '_lastUpdated gt abc', `value 17: ${noDate}`],
    ['Patient', '_id eq a/b', "value 8: the value is no id: ids are 1 to 64 letters, digits, '-' and '.'."],
    [
      'Patient',
      'organization re Patient/1',
      "value 17: the value names the type Patient, which 'organization' does not refer to: it refers to Organization.",
    ],
    ...[
      ['Patient', 'given'],
      ['Patient', 'general-practitioner'],
      ['Patient', 'identifier'],
      ['Location', 'address'],
      ['Observation', 'value-string'],
      ['Patient', '_profile'],
    ].map(([type, code]) => [
      type!,
      `_id eq a and ${code} ne x`,
      `not-supported ${15 + code!.length}: 'ne' asks whether some value differs, which is not served where a resource may have several, as of '${code}' of ${type}: write not(${code} eq value) to ask that none is equal.`,
    ]),
    ['Patient', 'name pr yes', 'invalid 9: pr takes true (there is a value) or false (there is none).'],
    [
      'Observation',
      'code eq a|b|c',
      'value 9: the value is no token: write code, system|code, |code (without a system) or system| (any of its codes); a | within a part is \\|.',
    ],
    ['Observation', 'active eq true or subject.nam eq x', undefined],
    [
      'Observation',
      'status eq x and subject.nam eq x',
      "not-supported 17: 'subject' of Observation refers to Device, Group, Location and Patient, and none of them can be searched by 'nam'.",
    ],
    [
      'Observation',
      'subject[nam eq x].name eq y',
      "not-supported 1: 'subject' of Observation refers to Device, Group, Location and Patient, and none of them can be searched by 'name'.",
    ],
    ['Observation', 'subject:Patient[birthdate eq x].name eq y', `value 30: ${noDate}`],
    [
      'Patient',
      '_has:Observation:encounter:code eq x',
      "not-supported 1: 'encounter' of Observation does not refer to Patient, so _has cannot follow it: it refers to Encounter and EpisodeOfCare.",
    ],
    [
      'DocumentReference',
      'relatesTo[code eq x and code eq y].target re z',
      "not-supported 1: 'relatesTo' of DocumentReference stands as relatesTo[code eq value].target eq value or relatesTo[target eq value].code eq value only.",
    ],
    [
      'DocumentReference',
      'relatesTo[code co x].target re z',
      "not-supported 1: 'relatesTo' of DocumentReference stands as relatesTo[code eq value].target eq value or relatesTo[target eq value].code eq value only.",
    ],
    [
      'DocumentReference',
      'relatesTo[code eq x].target re a/b',
      'value 32: the value names a type that is no resource type of R4.',
    ],
    ['Patient', 'constructor eq x', undefined],
    ['Patient', '__proto__ eq x', undefined],
  ])('%s: %s', (type, text, expected) => {
    if (expected !== undefined) expect(refusal(type!, text!)).toBe(expected);
    else expect(refusal(type!, text!)).toMatch(/^not-supported 1: \w+ has no search parameter/);
  });

  test('_filter takes no modifier', () => {
    expect(reading.refusals('Patient', '_filter:not=name eq x')).toEqual([
      "not-supported http._filter:not: '_filter' of every type does not take the modifier ':not'. It takes none.",
    ]);
  });

  test('lenient handling does not leave a filter out', () => {
    expect(reading.issues('Patient', '_filter=nam eq x', { handling: 'lenient' })).toHaveLength(1);
  });
});

describe('limits', () => {
  test('10,000 characters', () => {
    const text = `name eq ${'x'.repeat(9_992)}`;
    expect(reading.parse('Patient', `_filter=${text}`).used).toHaveLength(1);
    expect(refusal('Patient', `${text}x`)).toBe('too-costly _filter is longer than 10000 characters.');
  });

  test('20 levels of nesting, of both kinds', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}name eq x${')'.repeat(depth)}`;
    expect(reading.parse('Patient', `_filter=${nested(20)}`).used).toHaveLength(1);
    expect(refusal('Patient', nested(21))).toBe(
      'too-costly 22: parentheses and brackets are nested more than 20 deep.',
    );
    expect(refusal('Patient', `not(organization[${nested(19)}].name eq x)`)).toBe(
      'too-costly 37: parentheses and brackets are nested more than 20 deep.',
    );
  });

  test('100 tests', () => {
    const tests = (count: number) => Array(count).fill('name eq x').join(' and ');
    expect(reading.parse('Patient', `_filter=${tests(100)}`).used).toHaveLength(1);
    expect(refusal('Patient', tests(101))).toBe('too-costly 1410: there are more than 100 tests.');
  });

  test('12 steps, those within brackets included', () => {
    const steps = (count: number) => 'part-of.'.repeat(count);
    expect(reading.parse('Encounter', `_filter=${steps(12)}status eq x`).used).toHaveLength(1);
    expect(refusal('Encounter', `${steps(13)}status eq x`)).toBe(
      'too-costly 105: The name has more than 12 steps of chains and _has: search in several steps.',
    );
    expect(refusal('Encounter', `part-of[${steps(12)}status eq x].status eq x`)).toBe(
      'too-costly 105: The name has more than 12 steps of chains and _has: search in several steps.',
    );
  });
});
