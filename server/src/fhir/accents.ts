/**
 * What folding takes away of a text that is decomposed: accents. Of the marks (\p{M}), those are accents that the Unicode
 * collation algorithm passes over at its first level (https://www.unicode.org/reports/tr10/#Multi_Level_Comparison): diacritics of
 * Latin and Greek, the points of Arabic and Hebrew, nuktas. The vowels of Devanagari, Tamil, Thai and their like are marks, too, but
 * tell names apart as letters do: राम and रीमा are two people.
 */

/** English sorts as the algorithm's own table says; of the default locale nobody knows. */
const FIRST_LEVEL = new Intl.Collator('en', { sensitivity: 'base' });

const isAccent = (character: string): boolean =>
  /\p{M}/u.test(character) && FIRST_LEVEL.compare(`a${character}`, 'a') === 0;

/** Marks and letters with case stand in planes 0, 1 and 14. */
const CODE_POINTS: readonly (readonly [from: number, to: number])[] = [
  [0x80, 0xd7ff],
  [0xe000, 0x1ffff],
  [0xe0000, 0xe0fff],
];

/** All characters outside ASCII that folding may change. */
export function* charactersToFold(): Generator<string> {
  for (const [from, to] of CODE_POINTS) {
    for (let point = from; point <= to; point++) yield String.fromCodePoint(point);
  }
}

/** Code points of accents, ascending. */
export const ACCENT_RANGES: readonly (readonly [from: number, to: number])[] = ranges();

/** Each accent of a text. */
export const ACCENTS: RegExp = new RegExp(`[${ACCENT_RANGES.map(classRange).join('')}]`, 'gu');

function ranges(): [from: number, to: number][] {
  const found: [from: number, to: number][] = [];
  for (const character of charactersToFold()) {
    if (!isAccent(character)) continue;
    const point = character.codePointAt(0)!;
    const last = found.at(-1);
    if (last?.[1] === point - 1) last[1] = point;
    else found.push([point, point]);
  }
  return found;
}

function classRange([from, to]: readonly [from: number, to: number]): string {
  return `\\u{${from.toString(16)}}-\\u{${to.toString(16)}}`;
}
