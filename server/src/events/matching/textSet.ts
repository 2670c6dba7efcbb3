import type { TextMatch } from '../../records/events/criteria.ts';

/** Characters that texts are filed by, at the most. */
const GRAM_CHARS = 3;
/** Stands at both ends of a text, and never within one: what is stored and what is asked for have no NUL. */
const END = '\0';

interface Entry<T> {
  /** What is looked for, with the ends that it must have. */
  needle: string;
  gram: number;
  items: Set<T>;
}

/**
 * Finds, of many texts that are asked for, those that a value matches, in a time that does not grow with their number: each is filed by three letters
 * of it in a row, of all that it has those by which the fewest others are, and a value is looked up by all that it has.
 */
export class TextSet<T> {
  readonly #entries = new Map<string, Entry<T>>();
  /** By the number of letters, from one to GRAM_CHARS. */
  readonly #byGram = Array.from({ length: GRAM_CHARS }, () => new Map<number, Set<Entry<T>>>());

  get size(): number {
    return this.#entries.size;
  }

  /** @param text not empty where anything may stand around it */
  add(match: TextMatch, text: string, item: T): void {
    const needle = needleOf(match, text);
    let entry = this.#entries.get(needle);
    if (!entry) this.#entries.set(needle, (entry = this.#file(needle)));
    entry.items.add(item);
  }

  delete(match: TextMatch, text: string, item: T): void {
    const needle = needleOf(match, text);
    const entry = this.#entries.get(needle);
    entry?.items.delete(item);
    if (entry?.items.size !== 0) return;
    this.#entries.delete(needle);
    const byGram = this.#gramsOf(needle);
    const filed = byGram.get(entry.gram)!;
    filed.delete(entry);
    if (filed.size === 0) byGram.delete(entry.gram);
  }

  /** Some may be shown several times. */
  forEachMatching(value: string, show: (item: T) => void): void {
    const text = END + value + END;
    const looked = new Set<Set<Entry<T>>>();
    for (let chars = 1; chars <= GRAM_CHARS; chars++) {
      const byGram = this.#byGram[chars - 1]!;
      if (byGram.size === 0) continue;
      for (let at = 0; at + chars <= text.length; at++) {
        const entries = byGram.get(gramAt(text, at, chars));
        if (!entries || looked.has(entries)) continue;
        looked.add(entries);
        for (const { needle, items } of entries) if (text.includes(needle)) items.forEach(show);
      }
    }
  }

  #file(needle: string): Entry<T> {
    const byGram = this.#gramsOf(needle);
    const chars = Math.min(GRAM_CHARS, needle.length);
    const countOf = (gram: number) => byGram.get(gram)?.size ?? 0;
    let rarest = gramAt(needle, 0, chars);
    for (let at = 1; at + chars <= needle.length; at++) {
      const gram = gramAt(needle, at, chars);
      if (countOf(gram) < countOf(rarest)) rarest = gram;
    }
    const entry: Entry<T> = { needle, gram: rarest, items: new Set() };
    const filed = byGram.get(rarest);
    if (filed) filed.add(entry);
    else byGram.set(rarest, new Set([entry]));
    return entry;
  }

  #gramsOf(needle: string): Map<number, Set<Entry<T>>> {
    return this.#byGram[Math.min(GRAM_CHARS, needle.length) - 1]!;
  }
}

function needleOf(match: TextMatch, text: string): string {
  switch (match) {
    case 'equals':
      return END + text + END;
    case 'starts-with':
      return END + text;
    case 'ends-with':
      return text + END;
    case 'contains':
      return text;
  }
}

/** A small number for some letters: of different ones it may be the same. */
function gramAt(text: string, at: number, chars: number): number {
  let gram = 0;
  for (let i = at; i < at + chars; i++) gram = ((gram << 10) ^ text.charCodeAt(i)) & 0x3fff_ffff;
  return gram;
}
