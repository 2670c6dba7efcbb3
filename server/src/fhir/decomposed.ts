/** Marks, and the two letters (voiced sound marks of half width) that decompose to marks. */
const MARK = '[\\p{M}\\uff9e\\uff9f]';
/**
 * Marks on one letter that count: no language writes more, as the Stream-Safe Text Format says
 * (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format).
 */
export const MARKS_MAX = 30;

const BEYOND = new RegExp(`(${MARK}{${MARKS_MAX}})${MARK}+`, 'gu');

/**
 * A text taken apart into base letters and marks. Decomposing sorts the marks of a letter, in the square of their number: so those
 * beyond {@link MARKS_MAX} are left out, that a text of nothing but marks costs what any other does.
 */
export const decomposed = (text: string, form: 'NFD' | 'NFKD'): string =>
  text.replace(BEYOND, '$1').normalize(form);
