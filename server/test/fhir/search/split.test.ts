import { expect, test } from '@jest/globals';
import { escapeValue, splitUnescaped, unescapeValue } from '../../../src/fhir/search/split.ts';

test.each([
  ['a,b', ['a', 'b']],
  ['a\\,b,c', ['a\\,b', 'c']],
  ['a\\\\,b', ['a\\\\', 'b']],
  ['', ['']],
  [',', ['', '']],
  ['a\\', ['a\\']],
])('%s is split at what is not escaped', (text, parts) => {
  expect(splitUnescaped(text, ',')).toEqual(parts);
});

test('escapes are removed once', () => {
  expect(unescapeValue('a\\,b\\|c\\$d\\\\e')).toBe('a,b|c$d\\e');
});

test.each(['a\\f', 'a\\', '\\\\\\', 'a\\\nb'])('a backslash that escapes nothing is refused: %j', (text) => {
  expect(() => unescapeValue(text)).toThrow(
    'has a backslash that escapes nothing: write \\\\ for a backslash; \\, \\| and \\$ are the other escapes.',
  );
});

test.each(['', 'plain', 'a,b|c$d\\e', '\\,', '$$\\\\||'])('escaping is undone by unescaping: %j', (text) => {
  expect(unescapeValue(escapeValue(text))).toBe(text);
  for (const separator of [',', '|', '$'] as const) {
    expect(splitUnescaped(escapeValue(text), separator)).toEqual([escapeValue(text)]);
  }
});
