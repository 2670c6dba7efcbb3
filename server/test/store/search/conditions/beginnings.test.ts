import { expect, test } from '@jest/globals';
import { textAfter } from '../../../../src/store/search/conditions/beginnings.ts';

test.each([
  ['smi', 'smj'],
  ['z', '{'],
  ['é', 'ê'],
  ['a\ud7ff', 'a\ue000'],
  ['a\u{10ffff}', 'b'],
  ['\u{10ffff}\u{10ffff}', undefined],
  ['a𝔘', 'a𝔙'],
])('behind all that begin with %j comes %j', (prefix, after) => {
  expect(textAfter(prefix)).toBe(after);
});

test('nothing between lacks the beginning, in the order of UTF-8', () => {
  const bytes = (text: string) => Buffer.from(text);
  for (const prefix of ['a', 'z\u{ffff}', '\u07ff', '\ud7ff', '\uffff']) {
    const after = bytes(textAfter(prefix)!);
    expect(Buffer.compare(bytes(`${prefix}\u{10ffff}\u{10ffff}`), after)).toBe(-1);
    expect(Buffer.compare(bytes(prefix), after)).toBe(-1);
  }
});
