import type { StringMatch } from '../../../fhir/search/ast.ts';
import { requireFewAlternatives } from '../conditions/expressions.ts';

/** How a text is compared with one that is asked for. */
export type TextMatch = Exclude<StringMatch, 'exact'>;

/** Whether a text matches one of some texts, both folded or both as they are written. */
export function textMatcher(match: TextMatch, texts: readonly string[]): (value: string) => boolean {
  const wanted = new Set(texts);
  if (match === 'equals') return (value) => wanted.has(value);
  requireFewAlternatives(wanted.size);
  const distinct = [...wanted];
  switch (match) {
    case 'starts-with':
      return (value) => distinct.some((text) => value.startsWith(text));
    case 'ends-with':
      return (value) => distinct.some((text) => value.endsWith(text));
    case 'contains':
      return (value) => distinct.some((text) => value.includes(text));
  }
}
