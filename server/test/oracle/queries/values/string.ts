import { TEXTS } from '../../data/pools.ts';
import type { Random } from '../../data/random.ts';
import type { Typed } from '../../evaluate/paths.ts';
import { stringsOf } from '../../evaluate/strings.ts';
import { escape } from '../source.ts';

/** A string to search by, from a value that a resource has. */
export function stringText(random: Random, typed: Typed, modifier: string | undefined): string {
  const whole = random.pick([...stringsOf(typed), random.pick(TEXTS)]);
  if (modifier === 'exact') return escape(random.chance(0.8) ? whole : changed(random, whole));
  return escape(modifier === 'contains' ? middle(random, whole) : beginning(random, whole));
}

/** Some characters from the start, in whatever case and form. */
export function beginning(random: Random, whole: string): string {
  const characters = Array.from(whole);
  return usable(random, characters.slice(0, 1 + random.below(characters.length)).join(''), whole);
}

/** Some characters from within. */
export function middle(random: Random, whole: string): string {
  const characters = Array.from(whole);
  const start = random.below(characters.length);
  const end = start + 1 + random.below(characters.length - start);
  return usable(random, characters.slice(start, end).join(''), whole);
}

function usable(random: Random, part: string, whole: string): string {
  return changed(random, part.trim() === '' ? whole : part);
}

/** The same text to a reader who does not look at case, accents and white space. */
function changed(random: Random, text: string): string {
  return random.weighted<() => string>([
    [50, () => text],
    [15, () => text.toUpperCase()],
    [15, () => text.toLowerCase()],
    [8, () => text.normalize('NFD')],
    [8, () => text.normalize('NFC').replace(/ /g, '  ')],
    [4, () => `${text} `],
  ])();
}

/** Letters that sound alike, and others: `phonetic` must not tell the first apart, but the second. */
const ALIKE = ['bfpv', 'cgjkqsxz', 'dt', 'mn', 'aeiouyhw'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** A Latin word, for `phonetic`: one of the value's, perhaps with a letter that sounds the same, or another. */
export function wordText(random: Random, typed: Typed): string {
  const words = stringsOf(typed).flatMap((text) => text.match(/[a-z]{2,}/gi) ?? []);
  const letters = [...random.pick([...words, ...words, ...words, 'Miller'])];
  if (random.chance(0.4)) return letters.join('');
  const at = random.below(letters.length);
  const group = ALIKE.find((one) => one.includes(letters[at]!.toLowerCase()));
  letters[at] = random.pick([...(group !== undefined && random.chance(0.6) ? group : LETTERS)]);
  return letters.join('');
}
