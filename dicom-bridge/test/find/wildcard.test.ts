import { expect, test } from '@jest/globals';
import { isLike } from '../../src/find/wildcard.ts';

test.each([
  ['', '', true],
  ['', '*', true],
  ['a', '', false],
  ['abc', 'abc', true],
  ['abc', 'ab', false],
  ['abc', 'a*', true],
  ['abc', '*c', true],
  ['abc', '*b*', true],
  ['abc', 'a?c', true],
  ['abc', 'a?', false],
  ['abcbd', 'a*bd', true],
  ['abcbe', 'a*bd', false],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
])('%j is like %j: %j', (text, pattern, expected) => {
  expect(isLike(text, pattern)).toBe(expected);
});

test('many stars are no work without end', () => {
  expect(isLike('a'.repeat(1_000), `${'*a'.repeat(300)}*b`)).toBe(false);
});
