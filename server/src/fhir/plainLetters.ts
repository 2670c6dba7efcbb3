/**
 * Letters that are no base letter with a mark, so that decomposing leaves them as they are, and what folding writes for them: what
 * the Unicode collation algorithm takes them for at its first level, as it passes over accents there. The dotless ı has the upper
 * case of i, so that without case it is one.
 */
export const PLAIN_LETTERS: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['ł', 'l'],
  ['ħ', 'h'],
  ['ı', 'i'],
]);

const ANY = new RegExp(`[${[...PLAIN_LETTERS.keys()].join('')}]`, 'g');

/** @param text decomposed and in lower case */
export const withPlainLetters = (text: string): string =>
  text.replace(ANY, (letter) => PLAIN_LETTERS.get(letter)!);
