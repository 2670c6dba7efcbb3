import { describe, expect, test } from '@jest/globals';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX, parseJson } from '../../../src/fhir/json/parse.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';

const parse = (text: string) => parseJson(Buffer.from(text));
const fault = (bytes: Buffer | string) => {
  try {
    parseJson(Buffer.from(bytes));
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error('was accepted');
};

describe('numbers', () => {
  test.each([
    '1.50',
    '0.10',
    '1e-7',
    '1E2',
    '-0',
    '-0.0',
    '12345678901234567890',
    '100.00',
    '3.14159265358979323846',
    '-1.0',
  ])('%s keeps its digits', (number) => {
    const { value, exact } = parse(`{"value":${number}}`);
    expect(JSON.stringify(exact)).toBe(`{"value":${number}}`);
    expect((value as { value: number }).value).toBe(Number(number));
  });

  test.each(['1.5', '70', '-3', '0.001', '0', '123456789012345'])('%s needs no second tree', (number) => {
    const parsed = parse(`[${number}]`);
    expect(parsed.exact).toBe(parsed.value);
    expect(JSON.stringify(parsed.exact)).toBe(`[${number}]`);
  });

  test('digits inside strings are no numbers', () => {
    const parsed = parse('{"a":"1.50","b":"at 10:30, 1.0"}');
    expect(parsed.exact).toBe(parsed.value);
  });

  test('only the number that needs it is kept as text', () => {
    const { exact } = parse('{"a":[{"b":1.50,"c":2}],"d":"é\\u0001\\ud83d\\ude00"}');
    expect(JSON.stringify(exact)).toBe('{"a":[{"b":1.50,"c":2}],"d":"é\\u0001😀"}');
  });

  test.each(['[1.50,"1.50",null,[],{"a":-0}]', '{"__proto__":1.0,"a":"-0"}', '1.0'])(
    '%s: what looks like the number stays what it is',
    (text) => expect(JSON.stringify(parse(`\ufeff${text}`).exact)).toBe(text),
  );
});

describe('refused', () => {
  test('a name that stands twice beside a long string, and one that may be content', () => {
    const long = `{"data":"${'A'.repeat(20_000_000)}\\"","family":"a","family":"b"}`;
    expect(fault(long).issues[0]!.expression).toEqual(['family']);
    const content = fault('{"name":[{"John Doe":1,"John Doe":2}]}').issues[0]!;
    expect(content.expression).toEqual(['name[0].(no element name)']);
    expect(content.diagnostics).not.toContain('John');
  });

  test('a name that stands twice, with its path', () => {
    const error = fault('{"name":[{"family":"a"},{"family":"b","use":"x","family":"c"}]}');
    expect(error.category).toBe('incorrect');
    expect(error.issues[0]!.expression).toEqual(['name[1].family']);
  });

  test('a name that stands twice in an item of a list, which a JSON Patch is', () => {
    expect(fault('[{"op":"test"},{"op":"add","op":"remove"}]').issues[0]!.expression).toEqual(['[1].op']);
  });

  test('the same name in different objects is fine', () => {
    expect(parse('[{"a":1},{"a":{"a":2}}]').value).toEqual([{ a: 1 }, { a: { a: 2 } }]);
  });

  test('colons and quotes in strings confuse nothing', () => {
    expect(parse('{"a":"x\\":y","b\\\\":"{:[,"}').value).toEqual({ a: 'x":y', 'b\\': '{:[,' });
  });

  test('nesting deeper than the limit', () => {
    const deepest = '['.repeat(JSON_DEPTH_MAX) + ']'.repeat(JSON_DEPTH_MAX);
    expect(() => parse(deepest)).not.toThrow();
    expect(fault(`[${deepest}]`).message).toContain(String(JSON_DEPTH_MAX));
    expect(fault('['.repeat(5_000_000)).category).toBe('incorrect');
  });

  test.each([
    ['[[],[],[],[]]', 5],
    ['{"a":1,"b":{"c":"d"}}', 4],
    ['[",,,,[[[[", "{\\",{"]', 3],
  ])('more values than the limit: %s has no more than %i', (text, values) => {
    const parse = (valuesMax: number) => parseJson(Buffer.from(text), { valuesMax });
    expect(() => parse(2 * values)).not.toThrow();
    expect(() => parse(values - 1)).toThrow(`more than ${values - 1} values`);
  });

  test.each(['', ' \n'])('an empty body is called so: %j', (text) => {
    expect(fault(text).issues[0]!.diagnostics).toContain('is empty');
  });

  test('more members in one object than the limit', () => {
    const parse = (text: string) => parseJson(Buffer.from(text), { membersMax: 2 });
    expect(() => parse('{"a":{"b":1,"c":2},"d":[{"e":1},{"f":"::"}]}')).not.toThrow();
    expect(() => parse('{"a":[{"b":1}],"c":{},"d":3}')).toThrow('more than 2 members');
    expect(() => parse('}}]{"a":1}')).toThrow('not well-formed');
  });

  test('more values than any body may have', () => {
    const error = fault(`[${'[],'.repeat(JSON_VALUES_MAX)}[]]`);
    expect(error.category).toBe('too-large');
    expect(error.message).toContain(String(JSON_VALUES_MAX));
  });

  test.each(['', '{', '{"a":}', '{"a":01}', '{"a":1,}', 'nul', '"abc', '{"a" 1}', '1 2'])(
    'no JSON: %s',
    (text) => {
      expect(fault(text).category).toBe('incorrect');
    },
  );

  test('a syntax error never quotes the content', () => {
    expect(JSON.stringify(fault('{"name":"Secret Patient", family: x}').issues)).not.toContain('Secret');
  });

  test('bytes that are not UTF-8', () => {
    expect(fault(Buffer.from([0x22, 0xff, 0x22])).message).toContain('UTF-8');
  });
});

test('a byte-order mark is skipped', () => {
  expect(parse('\ufeff{"a":1}').value).toEqual({ a: 1 });
});

test('__proto__ is a property like any other', () => {
  const { value } = parse('{"__proto__":{"polluted":true}}');
  expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
