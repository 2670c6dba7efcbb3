import { expect, test } from '@jest/globals';
import { splitUnescaped, unescapeValue } from '../../../src/fhir/search/split.ts';

test.each([
  ['a,b', ['a', 'b']],
  ['a\\,b,c', ['a\\,b', 'c']],
  ['a\\\\,b', ['a\\\\', 'b']],
  ['', ['']],
  [',', ['', '']],
  ['a\\', ['a\\']],
])('%s', (text, parts) => {
  expect(splitUnescaped(text, ',')).toEqual(parts);
});

test('escapes are removed once', () => {
  expect(unescapeValue('a\\,b\\|c\\$d\\\\e\\f')).toBe('a,b|c$d\\e\\f');
});
