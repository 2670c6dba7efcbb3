import type { Test } from './context.ts';
import { list, object, text } from './world.ts';

/** `_text`: words of the narrative. */
export function narrativeTest(asked: string): Test {
  return ({ resource }) => wordsMatch(textOf(text(object(resource.text)?.div) ?? ''), asked);
}

/** `_content`: words of any text in the resource. */
export function contentTest(asked: string): Test {
  return ({ resource }) => wordsMatch(allTexts(resource).map(textOf).join(' . '), asked);
}

const textOf = (markup: string): string => markup.replace(/<[^>]*>/g, ' ');

function allTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  const members = object(value);
  return (members ? Object.values(members) : Array.isArray(value) ? list(value) : []).flatMap(allTexts);
}

/** Words that must all be there, `or`, `-word` and `"a phrase"`: what a plain text index offers (search.html#text). */
function wordsMatch(found: string, asked: string): boolean {
  const words = wordsOf(found);
  return asked.split(/ or /i).some((alternative) =>
    (alternative.match(/-?"[^"]*"|\S+/g) ?? []).every((term) => {
      const isWanted = !term.startsWith('-');
      return includesPhrase(words, wordsOf(term)) === isWanted;
    }),
  );
}

const wordsOf = (found: string): string[] => found.toLowerCase().match(/[\p{L}\p{N}.]+/gu) ?? [];

function includesPhrase(words: readonly string[], phrase: readonly string[]): boolean {
  return words.some((_, start) => phrase.every((word, i) => words[start + i] === word));
}
