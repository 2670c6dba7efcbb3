/** English sorts as the Unicode collation algorithm's own table says. */
const FIRST_LEVEL = new Intl.Collator('en', { sensitivity: 'base' });

/**
 * A text without what consoles leave out: of the marks (\p{M}) those that the Unicode collation algorithm passes over at its first level
 * (https://www.unicode.org/reports/tr10/#Multi_Level_Comparison). The vowels of Devanagari, Tamil and their like are marks, too, but
 * राम and रीमा are two people.
 */
export const withoutAccents = (text: string): string =>
  text.normalize('NFD').replaceAll(/\p{M}/gu, (mark) => (isAccent(mark) ? '' : mark));

const isAccent = (mark: string): boolean => FIRST_LEVEL.compare(`a${mark}`, 'a') === 0;
