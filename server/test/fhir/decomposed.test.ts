import { describe, expect, test } from '@jest/globals';
import { decomposed, MARKS_MAX } from '../../src/fhir/decomposed.ts';

describe('a text taken apart', () => {
  test('is in base letters and marks', () => {
    expect(decomposed('Ǻé', 'NFD')).toBe('A\u030a\u0301e\u0301');
    expect(decomposed('ﬁ', 'NFKD')).toBe('fi');
  });

  test.each([
    ['accents', '\u0301\u0316'],
    ['vowels of Thai', '\u0e38\u0e48'],
    ['marks and letters that are taken apart to one', '\uff9e\u0301'],
    ['marks that are taken apart to several', '\u0344'],
  ])('keeps so many marks of a letter: %s', (_what, marks) => {
    const [text] = [`a${marks.repeat(200_000)}b${marks}`];
    const found = decomposed(text, 'NFKD');
    expect(found.length).toBeLessThanOrEqual(2 + 2 * MARKS_MAX + 2 * marks.length);
    expect(found).toContain('b');
  });

  test('keeps all of what people write', () => {
    const stacked = `a${'\u0301'.repeat(MARKS_MAX)}`;
    expect(decomposed(stacked, 'NFD')).toBe(stacked);
  });
});
