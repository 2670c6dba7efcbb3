import { expect, test } from '@jest/globals';
import { phoneticSuffixes, phoneticText } from '../../../src/store/index/soundex.ts';

test.each([
  ['Robert', 'r163'],
  ['Rupert', 'r163'],
  ['Ashcraft', 'a261'],
  ['Tymczak', 't522'],
  ['Pfister', 'p236'],
  ['Honeyman', 'h555'],
  ['Lee', 'l000'],
  ['Müller', 'm460'],
  ['李', '李'],
  ['कुमार', 'कुमार'],
  ['', ''],
])('%s sounds like %s', (name, code) => {
  expect(phoneticText(name)).toBe(code);
});

test('a name can be found by each of its words', () => {
  expect(phoneticSuffixes('Anna-Maria Smith')).toEqual(['a500 m600 s530', 'm600 s530', 's530']);
});
