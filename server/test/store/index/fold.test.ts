import { describe, expect, test } from '@jest/globals';
import { FOLDED_CHARS_MAX, foldString, rawString, STRING_CHARS_MAX } from '../../../src/store/index/fold.ts';

describe('folding', () => {
  test.each([
    ['Éléonore  O’Brien ', 'eleonore o’brien'],
    ['ÅNGSTRÖM', 'angstrom'],
    ['İstanbul', 'istanbul'],
    ['ﬁle', 'file'],
    ['Ａｂｃ', 'abc'],
    ['a\u00a0\t\nb', 'a b'],
    ['Nguyễn Văn', 'nguyen van'],
    ['Ελλάδα', 'ελλαδα'],
    ['ΟΔΟΣ οδός', 'οδοσ οδοσ'],
    ['a\u0000b', 'ab'],
    ['\u0301', ''],
    ['مُحَمَّد', 'محمد'],
    ['फ़िज़ा', 'फिजा'],
    ['Groß', 'gross'],
    ['WEIẞ', 'weiss'],
    ['Øyvind Ǿ', 'oyvind o'],
    ['Łódź', 'lodz'],
    ['Æther cœur Ǽ', 'aether coeur ae'],
    ['Đorđe Ðór', 'dorde dor'],
    ['Ħamrun', 'hamrun'],
    ['Iğdır IĞDIR', 'igdir igdir'],
    ['Plain  ASCII', 'plain ascii'],
  ])('%j is %j', (text, folded) => {
    expect(foldString(text)).toBe(folded);
  });

  test('a text of nothing but accents is looked at as far as it counts', () => {
    expect(foldString(`a${'\u0301\u0316'.repeat(500_000)}b`)).toBe('a');
    expect(foldString(`${'😀'.repeat(FOLDED_CHARS_MAX)}b`)).toBe('😀'.repeat(STRING_CHARS_MAX));
  });

  test.each([
    ['Devanagari', 'राम', 'रीमा'],
    ['Devanagari', 'कर्म', 'करम'],
    ['Bengali', 'রানা', 'রিনা'],
    ['Tamil', 'ஜெயா', 'ஜயா'],
    ['Thai', 'กุล', 'กล'],
    ['Thaana', 'އަލީ', 'އިލީ'],
  ])('vowels of %s are no accents: %s and %s are two names', (_script, one, other) => {
    expect(foldString(one)).not.toBe(foldString(other));
    expect(foldString(one)).toBe(one);
  });

  test('a letter that becomes two is cut as two', () => {
    expect(foldString('ß'.repeat(STRING_CHARS_MAX))).toBe('s'.repeat(STRING_CHARS_MAX));
  });

  test('composed and decomposed writing are the same', () => {
    expect(foldString('e\u0301')).toBe(foldString('é'));
  });

  test('counts code points, and never leaves half a character', () => {
    const folded = foldString('😀'.repeat(STRING_CHARS_MAX + 5));
    expect([...folded].length).toBe(STRING_CHARS_MAX);
    expect(folded.isWellFormed()).toBe(true);
    expect(foldString('a\ud800b').isWellFormed()).toBe(true);
    expect(foldString('x'.repeat(10_000)).length).toBe(STRING_CHARS_MAX);
  });

  test('folding twice changes nothing', () => {
    // Every character of the basic plane beside a letter; a fixed sample of the others.
    const odd: string[] = [];
    for (let code = 1; code < 0x20000; code += code < 0x3000 ? 1 : 7) {
      const text = `A${String.fromCodePoint(code)} b`;
      if (foldString(foldString(text)) !== foldString(text)) odd.push(code.toString(16));
    }
    expect(odd).toEqual([]);
  });

  test('a raw string only loses what cannot be stored', () => {
    expect(rawString('http://Example.org/Ä b\u0000')).toBe('http://Example.org/Ä b');
  });
});
