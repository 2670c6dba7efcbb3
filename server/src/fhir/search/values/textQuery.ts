import type { TextQuery } from '../ast.ts';
import { ValueFault } from '../faults.ts';
import { TEXT_DEPTH_MAX, TEXT_TERMS_MAX } from '../limits.ts';
import { parseString } from './string.ts';

/** `at` counts from 1. A word may be one of the grammar's: and, or, not. */
interface Sign {
  kind: '(' | ')' | '-' | 'phrase' | 'word' | 'end';
  text: string;
  at: number;
}

/** Signs that mean nothing would be passed over in silence: at least one letter or digit makes a word. */
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;
/** A bracket, a minus before what it excludes, a phrase, or a word; what is left is a quotation mark without another. */
const SIGN = /([()])|(-)(?=[^\s)])|"([^"]*)"|([^\s()"]+)|(")/gu;

/**
 * The value of `_text` and `_content` (http://hl7.org/fhir/R4/search.html#content): words, which must all be there, "phrases",
 * and, or, not (or a minus), brackets. `not` binds closest, then `and`.
 *
 * @throws ValueFault
 */
export function parseTextQuery(value: string): TextQuery {
  return new TextParser(signsOf(parseString(value))).parse();
}

function signsOf(text: string): Sign[] {
  const signs: Sign[] = [];
  for (const found of text.matchAll(SIGN)) {
    const [, bracket, minus, phrase, word, stray] = found;
    const at = found.index + 1;
    if (stray !== undefined) {
      throw fault(at, 'begins a phrase that has no end: close it by ", and write a comma within it as \\,.');
    }
    if (bracket !== undefined) signs.push({ kind: bracket as '(' | ')', text: bracket, at });
    else if (minus !== undefined) signs.push({ kind: '-', text: '-', at });
    else signs.push(termOf(phrase, word, at));
  }
  signs.push({ kind: 'end', text: '', at: text.length + 1 });
  return signs;
}

function termOf(phrase: string | undefined, word: string | undefined, at: number): Sign {
  const text = phrase ?? word!;
  if (!SAYS_SOMETHING.test(text)) {
    throw fault(at, 'has no letter or digit to search for: combine words by and, or, not and brackets.');
  }
  return { kind: phrase === undefined ? 'word' : 'phrase', text, at };
}

class TextParser {
  readonly #signs: readonly Sign[];
  #next = 0;
  #terms = 0;

  constructor(signs: readonly Sign[]) {
    this.#signs = signs;
  }

  parse(): TextQuery {
    const query = this.#alternatives(0);
    if (this.#peek().kind === 'end') return query;
    // Alternatives end at a bracket or at the end.
    throw fault(this.#peek().at, 'closes a bracket that was not opened.');
  }

  #alternatives(depth: number): TextQuery {
    const parts = [this.#all(depth)];
    while (this.#takes('or')) parts.push(this.#all(depth));
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  }

  #all(depth: number): TextQuery {
    const parts = [this.#one(depth)];
    while (this.#takes('and') || this.#goesOn()) parts.push(this.#one(depth));
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  }

  /** Between words a blank means and. */
  #goesOn(): boolean {
    const { kind } = this.#peek();
    return kind !== 'end' && kind !== ')' && !this.#is('or');
  }

  #one(depth: number): TextQuery {
    const { kind, text, at } = this.#peek();
    if (depth > TEXT_DEPTH_MAX) {
      throw fault(at, `is deeper than ${TEXT_DEPTH_MAX} brackets and negations: write it with fewer.`);
    }
    if (kind === 'end' || kind === ')' || this.#is('and') || this.#is('or')) {
      throw fault(at, 'lacks a word, a "phrase" or an opening bracket.');
    }
    this.#next++;
    if (kind === '(') return this.#closed(this.#alternatives(depth + 1), at);
    if (kind === '-' || (kind === 'word' && text.toLowerCase() === 'not')) {
      return { kind: 'not', part: this.#one(depth + 1) };
    }
    if (++this.#terms > TEXT_TERMS_MAX) {
      throw fault(at, `is more than ${TEXT_TERMS_MAX} words and phrases: search for fewer.`);
    }
    return { kind: 'words', text };
  }

  #closed(query: TextQuery, at: number): TextQuery {
    if (this.#peek().kind !== ')') throw fault(at, 'opens a bracket that is not closed.');
    this.#next++;
    return query;
  }

  #takes(word: string): boolean {
    const found = this.#is(word);
    if (found) this.#next++;
    return found;
  }

  #is(word: string): boolean {
    const { kind, text } = this.#peek();
    return kind === 'word' && text.toLowerCase() === word;
  }

  #peek(): Sign {
    return this.#signs[this.#next]!;
  }
}

/** The place, and never the words: they may say something of a patient. */
const fault = (at: number, text: string) => new ValueFault(`cannot be read: character ${at} ${text}`);
