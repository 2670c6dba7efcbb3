import { XHTML_NAMESPACE, XMLNS_NAMESPACE } from '../namespaces.ts';
import { escapeAttribute, escapeText } from '../write/escape.ts';
import type { Tag, XmlSource } from './source.ts';

/** Deepest nesting of elements in a narrative. */
export const NARRATIVE_DEPTH_MAX = 128;

/**
 * Reads the `div` of a narrative as the text that JSON has of it (http://hl7.org/fhir/R4/json.html#xhtml). Where that can stand
 * by itself it is kept to the letter, else the same XHTML is written with the namespaces that it needs.
 */
export class NarrativeReader {
  readonly #source: XmlSource;
  readonly #start: number;
  /** Default namespaces of the elements that are open, in the text that is written anew. */
  readonly #namespaces: string[] = [];
  #isWhole: boolean;
  #rewritten = '';

  /** @param div the start tag that is being read, in the namespace of XHTML */
  constructor(source: XmlSource, div: Tag) {
    this.#source = source;
    this.#start = source.tagStart;
    this.#isWhole = div.attributes.xmlns?.value === XHTML_NAMESPACE;
    this.open(div);
  }

  open(tag: Tag): void {
    if (this.#namespaces.length >= NARRATIVE_DEPTH_MAX) {
      throw this.#source.fault(
        `The narrative is nested deeper than ${NARRATIVE_DEPTH_MAX} elements: flatten it.`,
      );
    }
    const declaration = tag.uri === this.#namespaces.at(-1) ? '' : ` xmlns="${escapeAttribute(tag.uri)}"`;
    this.#namespaces.push(tag.uri);
    if (tag.prefix !== '') this.#isWhole = false;
    this.#rewritten += `<${tag.local}${declaration}${this.#attributes(tag)}${tag.isSelfClosing ? '/>' : '>'}`;
  }

  /** @returns the text of the `div` when it was its end tag, else undefined */
  close(tag: Tag): string | undefined {
    this.#namespaces.pop();
    if (!tag.isSelfClosing) this.#rewritten += `</${tag.local}>`;
    if (this.#namespaces.length > 0) return undefined;
    if (!this.#isWhole) return this.#rewritten;
    return this.#source.text.slice(this.#start, this.#source.tagEnd).replace(/\r\n?/g, '\n');
  }

  text(text: string): void {
    this.#rewritten += escapeText(text);
  }

  cdata(text: string): void {
    this.#isWhole = false; // readers of HTML do not know it
    this.text(text);
  }

  instruction(): void {
    this.#isWhole = false; // it has no place in a narrative
  }

  #attributes(tag: Tag): string {
    const declared = new Set<string>();
    let text = '';
    for (const { prefix, local, uri, value } of Object.values(tag.attributes)) {
      if (uri === XMLNS_NAMESPACE) continue;
      if (prefix !== '' && prefix !== 'xml') {
        this.#isWhole = false;
        if (!declared.has(prefix)) text += ` xmlns:${prefix}="${escapeAttribute(uri)}"`;
        declared.add(prefix);
      }
      text += ` ${prefix === '' ? '' : `${prefix}:`}${local}="${escapeAttribute(value)}"`;
    }
    return text;
  }
}
