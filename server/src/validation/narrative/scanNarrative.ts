import { XHTML_NAMESPACE } from '../../fhir/xml/namespaces.ts';
import type { RuleId } from '../rules.ts';
import { isHarmfulAddress, isHarmfulStyle } from './harm.ts';
import { ADDRESSES, ATTRIBUTES, BLOCKS, COMMON_ATTRIBUTES, ELEMENTS } from './vocabulary.ts';

/** The first fault of a narrative. */
export interface NarrativeFault {
  rule: RuleId;
  diagnostics: string;
}

const SYNTAX: NarrativeFault = {
  rule: 'narrative-syntax',
  diagnostics: 'The narrative is not well-formed XHTML of one div: close each tag and quote each attribute.',
};
const ENTITY: NarrativeFault = {
  rule: 'narrative-syntax',
  diagnostics:
    'The narrative has an entity that XML does not define: write the character itself, and & as &amp;.',
};
const NO_CHARACTER: NarrativeFault = {
  rule: 'narrative-syntax',
  diagnostics: 'The narrative has the number of a character (&#...;) that XML cannot have: remove it.',
};
const DECLARATION: NarrativeFault = {
  rule: 'narrative-syntax',
  diagnostics:
    'The narrative has a document type or processing instruction, which may not stand in it: remove it.',
};
const NAMESPACE: NarrativeFault = {
  rule: 'narrative-namespace',
  diagnostics: `The narrative is not in the namespace of XHTML: write xmlns="${XHTML_NAMESPACE}" at its div.`,
};
const ELEMENT: NarrativeFault = {
  rule: 'narrative-element',
  diagnostics:
    'The narrative has an element other than the basic formatting that FHIR allows: remove it (txt-1).',
};
const IN_PARAGRAPH: NarrativeFault = {
  rule: 'narrative-element',
  diagnostics: 'The narrative has a block inside of a paragraph (p): end the paragraph before it (txt-1).',
};
const ATTRIBUTE: NarrativeFault = {
  rule: 'narrative-attribute',
  diagnostics:
    'The narrative has an attribute that FHIR does not allow at its element: remove it; scripts and events never are (txt-1).',
};
const ADDRESS: NarrativeFault = {
  rule: 'narrative-attribute',
  diagnostics:
    'The narrative has an address that is no URL, or that a reader would execute: correct it (txt-1).',
};
const EMPTY: NarrativeFault = {
  rule: 'narrative-empty',
  diagnostics: 'The narrative has neither text nor an image: write some, or leave it out (txt-2).',
};

const NAME = /[A-Za-z][\w.:-]*/y;
const ATTRIBUTE_TEXT = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const CLOSE = /([A-Za-z][\w.:-]*)\s*>/y;
const REFERENCE = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)/;
const CHARACTER = /&#(x?)([0-9a-fA-F]+);/g;
const INK = /[^\s\u00a0]/;

/** What is wrong with the text of a `div`; undefined: nothing. One pass, in a time that grows with its length. */
export function narrativeFault(div: string): NarrativeFault | undefined {
  return new Scan(div.trim()).fault();
}

class Scan {
  readonly #text: string;
  readonly #open: string[] = [];
  #at = 0;
  #paragraphs = 0;
  #hasContent = false;

  constructor(text: string) {
    this.#text = text;
  }

  fault(): NarrativeFault | undefined {
    const text = this.#text;
    if (!text.startsWith('<div')) return SYNTAX;
    while (this.#at < text.length) {
      const fault = this.#next();
      if (fault) return fault;
      if (this.#open.length === 0) break;
    }
    if (this.#open.length > 0 || this.#at < text.length) return SYNTAX;
    return this.#hasContent ? undefined : EMPTY;
  }

  /** Reads up to the end of the next tag, comment or section. */
  #next(): NarrativeFault | undefined {
    const start = this.#text.indexOf('<', this.#at);
    const words = this.#text.slice(this.#at, start < 0 ? undefined : start);
    if (words !== '') {
      if (words.includes(']]>')) return SYNTAX;
      const fault = referenceFault(words);
      if (fault) return fault;
      this.#hasContent ||= INK.test(words);
    }
    if (start < 0) return SYNTAX;
    this.#at = start + 1;
    switch (this.#text.charAt(this.#at)) {
      case '/':
        return this.#close();
      case '!':
        return this.#section();
      case '?':
        return DECLARATION;
      default:
        return this.#tag();
    }
  }

  #close(): NarrativeFault | undefined {
    const name = this.#match(CLOSE, this.#at + 1)?.[1];
    if (name === undefined || name !== this.#open.pop()) return SYNTAX;
    if (name === 'p') this.#paragraphs--;
    return undefined;
  }

  #section(): NarrativeFault | undefined {
    const rest = this.#text;
    if (rest.startsWith('!--', this.#at)) return this.#comment(this.#at + 3);
    if (!rest.startsWith('![CDATA[', this.#at)) return DECLARATION;
    const start = this.#at + 8;
    const fault = this.#skipTo(']]>', start);
    this.#hasContent ||= INK.test(rest.slice(start, this.#at - 3));
    return fault;
  }

  /** Two hyphens end a comment (https://www.w3.org/TR/xml/#sec-comments). */
  #comment(start: number): NarrativeFault | undefined {
    const fault = this.#skipTo('--', start);
    if (fault || this.#text[this.#at] !== '>') return SYNTAX;
    this.#at++;
    return undefined;
  }

  #skipTo(mark: string, from: number): NarrativeFault | undefined {
    const end = this.#text.indexOf(mark, from);
    if (end < 0) return SYNTAX;
    this.#at = end + mark.length;
    return undefined;
  }

  #tag(): NarrativeFault | undefined {
    const name = this.#match(NAME, this.#at)?.[0];
    if (name === undefined) return SYNTAX;
    if (!ELEMENTS.has(name)) return ELEMENT;
    if (this.#paragraphs > 0 && BLOCKS.has(name)) return IN_PARAGRAPH;
    const fault = this.#attributes(name);
    if (fault) return fault;
    const end = this.#match(TAG_END, this.#at);
    if (!end) return SYNTAX;
    if (name === 'img') this.#hasContent = true;
    if (end[1] === '') {
      this.#open.push(name);
      if (name === 'p') this.#paragraphs++;
    }
    return undefined;
  }

  #attributes(element: string): NarrativeFault | undefined {
    let namespace = this.#open.length === 0 ? '' : XHTML_NAMESPACE;
    const seen: string[] = [];
    for (;;) {
      const found = this.#match(ATTRIBUTE_TEXT, this.#at);
      if (!found) return namespace === XHTML_NAMESPACE ? undefined : NAMESPACE;
      const [, name = '', double, single] = found;
      const value = double ?? single ?? '';
      if (seen.includes(name)) return SYNTAX;
      seen.push(name);
      if (name === 'xmlns') namespace = value;
      const fault = attributeFault(element, name, value);
      if (fault) return fault;
    }
  }

  #match(pattern: RegExp, from: number): RegExpExecArray | undefined {
    pattern.lastIndex = from;
    const found = pattern.exec(this.#text);
    if (!found) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }
}

function attributeFault(element: string, name: string, value: string): NarrativeFault | undefined {
  const isAllowed =
    COMMON_ATTRIBUTES.has(name) || name.startsWith('xmlns:') || ATTRIBUTES.get(element)?.has(name) === true;
  if (!isAllowed) return ATTRIBUTE;
  const fault = referenceFault(value);
  if (fault) return fault;
  if (name === 'style' && isHarmfulStyle(value)) return ATTRIBUTE;
  return ADDRESSES.has(name) && isHarmfulAddress(value, element === 'img') ? ADDRESS : undefined;
}

/** Of entities, only those of XML itself; of numbers, only those of characters that XML can have (https://www.w3.org/TR/xml/#charsets). */
function referenceFault(text: string): NarrativeFault | undefined {
  if (!text.includes('&')) return undefined;
  if (REFERENCE.test(text)) return ENTITY;
  for (const [, hexadecimal, digits = ''] of text.matchAll(CHARACTER))
    if (!isXmlCharacter(Number.parseInt(digits, hexadecimal === 'x' ? 16 : 10))) return NO_CHARACTER;
  return undefined;
}

const isXmlCharacter = (code: number): boolean =>
  code >= 0x20
    ? code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code < 0x110000)
    : code === 9 || code === 10 || code === 13;
