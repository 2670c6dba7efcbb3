import { expect, test } from '@jest/globals';
import { readMergePatch } from '../../../src/fhir/patch/mergePatch.ts';
import { exactly } from './support.ts';

test.each([
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
])('RFC 7396, appendix A: %s with %s', (target, patch, result) => {
  expect(JSON.stringify(readMergePatch(exactly(patch))(exactly(target)))).toBe(result);
});

test('numbers keep every digit', () => {
  const apply = readMergePatch(exactly('{"b":2.50,"c":{"d":1E400}}'));
  const target = exactly('{"a":1.10,"b":1,"c":{"e":0.10}}');
  expect(JSON.stringify(apply(target))).toBe('{"a":1.10,"b":2.50,"c":{"e":0.10,"d":1E400}}');
  expect(JSON.stringify(target)).toBe('{"a":1.10,"b":1,"c":{"e":0.10}}');
});

test('what a patch brings is not changed by what becomes of the result', () => {
  const apply = readMergePatch(exactly('{"a":[{"b":1}]}'));
  const result = apply(exactly('{}')) as unknown as { a: { b: number }[] };
  result.a[0]!.b = 2;
  expect(JSON.stringify(apply(exactly('{}')))).toBe('{"a":[{"b":1}]}');
});
