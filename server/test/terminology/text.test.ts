import { expect, test } from '@jest/globals';
import { hasWords, searchText, textWords } from '../../src/terminology/systems/text.ts';

const lists = { properties: [], extensions: [], parents: [], children: [], order: 0 };
const finds = (filter: string, display: string): boolean =>
  hasWords(searchText({ code: 'c', display, designations: [], ...lists }), textWords(filter));

test.each([
  ['the beginning of a word', 'bosk', 'Boskoop apple'],
  ['words in any order', 'apple bosk', 'Boskoop apple'],
  ['no accents', 'creme', 'Crème brûlée'],
  ['accents', 'crème', 'Creme brulee'],
  ['vowel signs', 'राम', 'राम कुमार'],
  ['hyphens', 'x-ray', 'Chest X ray'],
])('%s: "%s" finds "%s"', (_what, filter, display) => {
  expect(finds(filter, display)).toBe(true);
});

test.each([
  ['another vowel', 'रीमा', 'राम'],
  ['the middle of a word', 'oop', 'Boskoop apple'],
  ['one word of two', 'apple pear', 'Boskoop apple'],
])('%s: "%s" does not find "%s"', (_what, filter, display) => {
  expect(finds(filter, display)).toBe(false);
});
