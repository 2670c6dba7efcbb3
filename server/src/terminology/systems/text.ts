import { ACCENTS } from '../../fhir/accents.ts';
import { decomposed } from '../../fhir/decomposed.ts';
import type { Concept } from '../model.ts';

/** Words of a filter that are looked for. */
const WORDS_MAX = 20;

/** Vowel signs of Indic scripts are marks and part of their words: without them राम and रीमा would be one. */
const BETWEEN_WORDS = /[^\p{L}\p{N}\p{M}]+/gu;

const folded = (text: string): string => decomposed(text, 'NFD').replaceAll(ACCENTS, '').toLowerCase();

/** The words of a text filter, without case and accents. */
export function textWords(text: string): string[] {
  return folded(text)
    .split(BETWEEN_WORDS)
    .filter((word) => word !== '')
    .slice(0, WORDS_MAX);
}

/** All texts by which a concept is found, each word with a space before it. */
export function searchText({ code, display = '', designations }: Concept): string {
  const texts = [code, display, ...designations.map(({ value }) => value)];
  return texts.map((text) => ` ${folded(text).replaceAll(BETWEEN_WORDS, ' ')}`).join('');
}

/** Whether each word is the beginning of one of the text (http://hl7.org/fhir/R4/valueset-operation-expand.html: "left matching"). */
export const hasWords = (text: string, words: readonly string[]): boolean =>
  words.every((word) => text.includes(` ${word}`));
