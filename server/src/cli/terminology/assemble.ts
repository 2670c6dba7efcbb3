import type { AssembledConcept, LooseConcept } from '../../store/terminology/releaseWriter.ts';
import { textWords } from '../../terminology/systems/text.ts';

/** Words of a concept that are looked for; more are not those of a name. */
const WORDS_MAX = 200;

/** A concept's terms and properties -> its display, what it is found by, and what is told of it. */
export function assembleConcept({ place, code, terms, properties }: LooseConcept): AssembledConcept {
  const [best, ...others] = terms;
  const words = new Set(terms.flatMap(({ value }) => textWords(value)));
  for (const word of textWords(code)) words.add(word);
  const detail = {
    ...(others.length > 0 && { designations: others.map(designation) }),
    ...(properties.length > 0 && {
      properties: properties.map(({ property, value }) => ({ code: property, ...typed(value) })),
    }),
  };
  return {
    place,
    display: best?.value ?? null,
    words: [...words].slice(0, WORDS_MAX),
    detail: Object.keys(detail).length === 0 ? null : JSON.stringify(detail),
  };
}

const designation = ({ language, use, value }: LooseConcept['terms'][number]) => ({
  ...(language != null && { language }),
  ...(use != null && { use: JSON.parse(use) as unknown }),
  value,
});

function typed(value: string): { element: string; value: unknown } {
  if (value === 'true' || value === 'false') return { element: 'valueBoolean', value: value === 'true' };
  return /^\S{1,200}$/.test(value) ? { element: 'valueCode', value } : { element: 'valueString', value };
}
