import { describe, expect, test } from '@jest/globals';
import { displayIn, parseLanguages } from '../../src/terminology/languages.ts';

const HEADER = {
  url: 'http://example.org/CodeSystem/fruit',
  language: 'en',
  caseSensitive: true,
  content: 'complete',
  properties: [],
  isHierarchical: false,
  supplements: [],
} as const;
const APPLE = {
  code: 'apple',
  display: 'Apple',
  designations: [
    { language: 'de', value: 'Apfel' },
    { language: 'de-CH', value: 'Öpfel' },
    { language: 'pt-BR', value: 'Maçã' },
  ],
  ...{ properties: [], extensions: [], parents: [], children: [], order: 0 },
};

describe('languages of displays', () => {
  test.each([
    ['de', 'Apfel'],
    ['de-CH', 'Öpfel'],
    ['de-AT', 'Apfel'],
    ['de-Latn-AT', 'Apfel'],
    ['pt', 'Maçã'],
    ['pt-PT', 'Maçã'],
    ['en-GB', 'Apple'],
    ['nl-BE,de-AT;q=0.5', 'Apfel'],
    ['de;q=0.2, en;q=0.8', 'Apple'],
    ['nl', 'Apple'],
    ['nl, *;q=0', undefined],
  ])('who asks for %s is shown %s', (asked, shown) => {
    expect(displayIn(HEADER, APPLE, parseLanguages(asked)).display).toBe(shown);
  });

  test.each([
    ['--;;,', undefined],
    ['*', undefined],
    ['--, de', 'de'],
    ['de-AT', 'de-AT'],
    ['de,*;q=0', 'de, *; q=0'],
  ])('%s is told as %s', (asked, told) => {
    expect(parseLanguages(asked)?.text).toBe(told);
  });
});
