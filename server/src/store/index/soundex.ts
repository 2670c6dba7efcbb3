import { foldString } from './fold.ts';

const DIGITS: Record<string, string> = {};
['bfpv', 'cgjkqsxz', 'dt', 'l', 'mn', 'r'].forEach((letters, index) => {
  for (const letter of letters) DIGITS[letter] = String(index + 1);
});
const CODE_LENGTH = 4;
/** Words of one name that are listened to. */
const WORDS_MAX = 8;

/**
 * A name as it sounds, for the parameter `phonetic`: the American Soundex code of each word. A word that does not
 * begin with a Latin letter is its own code, folded.
 */
export function phoneticText(name: string): string {
  return phoneticCodes(name).join(' ');
}

/** The name's sound from each of its words on, so that a search for any of them is one for a beginning. */
export function phoneticSuffixes(name: string): string[] {
  const codes = phoneticCodes(name);
  return codes.map((_, i) => codes.slice(i).join(' '));
}

function phoneticCodes(name: string): string[] {
  return foldString(name)
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, WORDS_MAX)
    .map(soundex);
}

function soundex(word: string): string {
  const first = word.charAt(0);
  if (!/[a-z]/.test(first)) return word;
  let code = first;
  let previous = DIGITS[first] ?? '';
  for (const letter of word.slice(1)) {
    const digit = DIGITS[letter] ?? '';
    if (digit !== '' && digit !== previous) code += digit;
    // h and w do not separate equal digits; vowels do.
    if (letter !== 'h' && letter !== 'w') previous = digit;
    if (code.length === CODE_LENGTH) break;
  }
  return code.padEnd(CODE_LENGTH, '0');
}
