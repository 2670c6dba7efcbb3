import { SaxesParser, type SaxesTagNS } from 'saxes';
import { fhirError, type FhirError } from '../../outcome.ts';
import { LineCounter } from './lineCounter.ts';

/** Attributes of one element. */
export const ATTRIBUTES_MAX = 64;

/** Comments and processing instructions, in which `<!` means nothing. */
const NO_CONTENT = /<!--[^]*?-->|<\?[^]*?\?>/g;

/** A start tag with its namespaces resolved. */
export type Tag = SaxesTagNS;

/** What is told of a document while it is read, in its order. */
export interface DocumentReader {
  open(tag: Tag): void;
  close(tag: Tag): void;
  text(text: string): void;
  /** Text from a CDATA section. */
  cdata(text: string): void;
  /** A processing instruction: no part of the content (http://hl7.org/fhir/R4/xml.html). */
  instruction(): void;
}

/**
 * An XML document that is being read. It takes XML 1.0 with namespaces and nothing that reaches beyond the document
 * itself: no DTD, so that there are no entities but the five predefined ones.
 */
export class XmlSource {
  readonly text: string;
  readonly #parser = new SaxesParser({ xmlns: true, position: false, defaultXMLVersion: '1.0' });

  readonly #lines: LineCounter;

  constructor(text: string) {
    this.text = text;
    this.#lines = new LineCounter(text);
  }

  /**
   * Reads the document to its end; comments are passed over.
   *
   * @throws FhirError `incorrect` where it is not well-formed or not taken, and whatever the reader throws
   */
  readWith(reader: DocumentReader): void {
    const parser = this.#parser;
    // No more than these six handlers: with a seventh V8 makes a dictionary of the parser, six times as slow.
    let attributes = 0;
    parser.on('attribute', () => {
      if (++attributes <= ATTRIBUTES_MAX) return;
      throw this.fault(`An element may have ${ATTRIBUTES_MAX} attributes: leave the others out.`);
    });
    parser.on('processinginstruction', () => reader.instruction());
    parser.on('opentag', (tag) => {
      attributes = 0;
      reader.open(tag);
    });
    parser.on('closetag', (tag) => reader.close(tag));
    parser.on('text', (text) => reader.text(text));
    parser.on('cdata', (text) => reader.cdata(text));
    try {
      parser.write(this.text).close();
    } catch (error) {
      throw isSyntaxError(error) ? this.#syntaxFault(error) : error;
    }
  }

  /** To be called with the root. @throws FhirError where a DTD stands before it, or an XML declaration that is not FHIR's */
  checkProlog(): void {
    const prolog = this.text.slice(0, this.tagStart).replaceAll(NO_CONTENT, '');
    if (prolog.includes('<!')) {
      throw this.fault('A document type declaration is not taken: remove it, and write entities as text.');
    }
    const { version = '1.0', encoding = 'UTF-8' } = this.#parser.xmlDecl;
    if (version === '1.0' && encoding.toUpperCase() === 'UTF-8') return;
    throw this.fault('The XML declaration must say version 1.0 and encoding UTF-8: FHIR is always so.');
  }

  /** Where the tag begins that is being read. */
  get tagStart(): number {
    return this.text.lastIndexOf('<', this.#parser.position - 1);
  }

  /** Where the tag ends that is being read. */
  get tagEnd(): number {
    return this.#parser.position;
  }

  /** A fault of what is being read, with its line and column. */
  fault(diagnostics: string, expression?: string): FhirError {
    return this.#faultAt(this.tagStart, diagnostics, expression);
  }

  #syntaxFault({ message }: Error): FhirError {
    // What follows the colon would quote content.
    const reason = message.split(':', 1)[0]!.replace(/\.$/, '');
    const text = `The body is not well-formed XML (${reason}): correct its syntax.`;
    return this.#faultAt(this.#parser.position, text);
  }

  #faultAt(position: number, diagnostics: string, expression?: string): FhirError {
    const { line, column } = this.#lines.at(Math.max(position, 0));
    return fhirError('incorrect', 'structure', `Line ${line}, column ${column}: ${diagnostics}`, expression);
  }
}

/** The parser throws plain errors; all else that is thrown is no fault of the document's syntax. */
function isSyntaxError(error: unknown): error is Error {
  return error instanceof Error && error.constructor === Error;
}
