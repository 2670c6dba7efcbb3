import { fold } from './strings.ts';

const GROUPS = ['bfpv', 'cgjkqsxz', 'dt', 'l', 'mn', 'r'];

/** Whether some word of a name sounds like the one word that is asked for: by American Soundex. */
export function phoneticMatches(name: string, word: string): boolean {
  const words = fold(name).split(/[^\p{L}\p{N}]+/u);
  return words.filter((one) => one !== '').some((one) => soundex(one) === soundex(fold(word)));
}

/** The first letter and three digits; letters of one group count once, also with h or w between them. */
export function soundex(word: string): string {
  if (!/^[a-z]/.test(word)) return word;
  const digit = (letter: string) => String(GROUPS.findIndex((group) => group.includes(letter)) + 1);
  const sounds = [...word].filter((letter, i) => i === 0 || !'hw'.includes(letter)).map(digit);
  const kept = sounds.filter((sound, i) => i > 0 && sound !== sounds[i - 1] && sound !== '0');
  return (word[0]! + kept.join('')).slice(0, 4).padEnd(4, '0');
}
