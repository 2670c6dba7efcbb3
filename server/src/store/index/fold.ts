import { ACCENTS } from '../../fhir/accents.ts';
import { decomposed } from '../../fhir/decomposed.ts';
import { withPlainLetters } from '../../fhir/plainLetters.ts';

/** Longest folded string that is stored, in Unicode code points. */
export const STRING_CHARS_MAX = 512;
/** How much of a string is looked at for that, in code points: what is folded away, and letters that are written by several, are fewer. */
export const FOLDED_CHARS_MAX = 16 * STRING_CHARS_MAX;

const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/**
 * Folds a string for comparing: case, accents (also those of ß, ø, ł and their like) and white space no longer count
 * (http://hl7.org/fhir/R4/search.html#string). Cut to STRING_CHARS_MAX; always storable as PostgreSQL text.
 * Folding twice changes nothing.
 */
export function foldString(whole: string): string {
  const text = cut(whole, FOLDED_CHARS_MAX);
  if (PLAIN_ASCII.test(text)) return collapse(cut(text.toLowerCase().trim().replace(/ {2,}/g, ' ')));
  const lower = decomposed(storable(text), 'NFKD').replace(ACCENTS, '').toLowerCase();
  // Lower case can decompose again (and compatibility forms can hold upper case), hence the second round.
  const folded = decomposed(lower, 'NFKD').replace(ACCENTS, '').toLowerCase();
  // At the end of a word a small sigma has a form of its own, which depends on what follows: a beginning must not.
  return collapse(cut(collapse(withPlainLetters(folded.replaceAll('ς', 'σ')))));
}

/** The string as it is, made storable as PostgreSQL text and cut to STRING_CHARS_MAX: for URIs. */
export function rawString(text: string): string {
  return cut(storable(text));
}

/** PostgreSQL's text holds neither NUL nor half a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

function collapse(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/** The first so many code points. */
function cut(text: string, max = STRING_CHARS_MAX): string {
  if (text.length <= max) return text;
  return Array.from(text.slice(0, 2 * max))
    .slice(0, max)
    .join('');
}
