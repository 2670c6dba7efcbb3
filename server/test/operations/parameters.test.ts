import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../src/fhir/json/parse.ts';
import { FhirError } from '../../src/fhir/outcome.ts';
import { OPERATION_PARAMETERS_MAX, operationParameters } from '../../src/operations/parameters.ts';

const body = (json: object | string) =>
  parseJson(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)));
const parameters = (parameter: object[]) => body({ resourceType: 'Parameters', parameter });

test('those of the URL come first, without what says how to answer', () => {
  const all = operationParameters(
    [
      ['_format', 'json'],
      ['code', 'a'],
      ['_pretty', 'true'],
    ],
    parameters([{ name: 'code', valueString: 'b' }]),
  );
  expect(all.texts('code')).toEqual(['a', 'b']);
  expect(all.pairs()).toEqual([
    ['code', 'a'],
    ['code', 'b'],
  ]);
  expect(() => all.text('code')).toThrow('only once');
  expect(all.text('_format')).toBeUndefined();
});

test('a primitive is its text, and a number keeps its digits', () => {
  const all = operationParameters(
    [],
    body(
      '{"resourceType":"Parameters","parameter":[{"name":"a","valueDecimal":1.50},{"name":"b","valueBoolean":false}]}',
    ),
  );
  expect([all.text('a'), all.text('b')]).toEqual(['1.50', 'false']);
  expect(all.named('a')[0]).toMatchObject({ valueType: 'Decimal', value: 1.5 });
});

test('complex values, resources and parts are told as they are', () => {
  const meta = { tag: [{ code: 'x' }] };
  const all = operationParameters(
    [],
    parameters([
      { name: 'meta', valueMeta: meta },
      { name: 'in', resource: { resourceType: 'Patient' } },
      { name: 'outer', part: [{ name: 'inner', valueCode: 'c' }] },
    ]),
  );
  expect(all.named('meta')).toEqual([{ name: 'meta', valueType: 'Meta', value: meta, exact: meta }]);
  expect(all.named('in')[0]!.resource!.value).toEqual({ resourceType: 'Patient' });
  expect(all.named('outer')[0]!.part).toEqual([
    { name: 'inner', valueType: 'Code', value: 'c', exact: 'c', text: 'c' },
  ]);
  expect(() => all.text('meta')).toThrow('primitive');
  expect(() => all.pairs()).toThrow('primitive');
});

test('another resource stands for the parameter resource', () => {
  const all = operationParameters([], body({ resourceType: 'Patient', id: '1' }));
  expect(all.named('resource')[0]!.resource!.value).toEqual({ resourceType: 'Patient', id: '1' });
});

describe('refused', () => {
  test.each<[string, object | string]>([
    ['no resource', '[]'],
    ['null', 'null'],
    ['no list', { resourceType: 'Parameters', parameter: {} }],
    ['no object', { resourceType: 'Parameters', parameter: [1] }],
    ['no name', { resourceType: 'Parameters', parameter: [{ valueString: 'x' }] }],
    ['no resource in it', { resourceType: 'Parameters', parameter: [{ name: 'a', resource: 'x' }] }],
    ['parts that are no list', { resourceType: 'Parameters', parameter: [{ name: 'a', part: 'x' }] }],
  ])('%s', (_what, json) => {
    expect(() => operationParameters([], body(json))).toThrow(FhirError);
  });

  test('more than fit, parts counted', () => {
    const many = (n: number) => Array.from({ length: n }, () => ({ name: 'a', valueString: 'x' }));
    expect(operationParameters([], parameters(many(OPERATION_PARAMETERS_MAX))).all).toHaveLength(
      OPERATION_PARAMETERS_MAX,
    );
    const parts = parameters([{ name: 'outer', part: many(OPERATION_PARAMETERS_MAX) }]);
    expect(() => operationParameters([], parts)).toThrow(String(OPERATION_PARAMETERS_MAX));
    const pairs = many(OPERATION_PARAMETERS_MAX + 1).map(({ name }): [string, string] => [name, 'x']);
    expect(() => operationParameters(pairs)).toThrow(String(OPERATION_PARAMETERS_MAX));
  });
});
