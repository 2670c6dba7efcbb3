/** Where a text stops to be JSON. */
export interface SyntaxFault {
  /** Index of the character. */
  at: number;
  /** FHIRPath of the element that is being read there, where the resource says its type before. */
  expression?: string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;
/** What would have continued a number. */
const NUMBER_PART = /[0-9.eE+-]/;
/** A name is shown only if it can be one of FHIR's: anything else may be content that lost its way. */
const ELEMENT_NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;
/** The type of a resource, perhaps not quoted as it should be. */
const TYPE_SAID = /^\s*\{[^{[]{0,1000}?"?resourceType"?\s*:\s*"?([A-Z][A-Za-z]{1,63})\b/;
const TYPE_NAME = /^[A-Z][A-Za-z]{1,63}$/;

class Stop {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/**
 * The first fault of a text that JSON.parse refuses. Slow and simple; nesting must be bounded (scanJson).
 *
 * @returns undefined where none is found
 */
export function syntaxFault(text: string): SyntaxFault | undefined {
  return new Reader(text).fault();
}

class Reader {
  readonly #text: string;
  #at = 0;
  #type: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  fault(): SyntaxFault | undefined {
    try {
      this.#value('');
      this.#space();
      if (this.#at >= this.#text.length) return undefined;
      return { at: this.#at };
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      const type = this.#type ?? TYPE_SAID.exec(this.#text)?.[1];
      const expression = type === undefined ? {} : { expression: type + error.path };
      return { at: this.#at, ...expression };
    }
  }

  /** @returns the value where it is a string */
  #value(path: string): string | undefined {
    this.#space();
    switch (this.#text.charAt(this.#at)) {
      case '{':
        return this.#object(path);
      case '[':
        return this.#array(path);
      case '"':
        return this.#string(path);
      default:
        if (this.#match(WORD) === undefined) this.#number(path);
        return undefined;
    }
  }

  #object(path: string): undefined {
    this.#at++;
    if (this.#takes('}')) return;
    do {
      this.#space();
      const name = this.#string(path);
      this.#expect(':', path);
      const value = this.#member(path, name);
      const saysType = path === '' && name === 'resourceType' && value !== undefined;
      if (saysType && TYPE_NAME.test(value)) this.#type = value;
    } while (this.#takes(','));
    this.#expect('}', path);
  }

  /** What stands below a name that is no element's is reported at the object that has it. */
  #member(path: string, name: string | undefined): string | undefined {
    if (name !== undefined && ELEMENT_NAME.test(name))
      return this.#value(`${path}.${name.replace(/^_/, '')}`);
    try {
      return this.#value(path);
    } catch (error) {
      throw error instanceof Stop ? new Stop(path) : error;
    }
  }

  #array(path: string): undefined {
    this.#at++;
    if (this.#takes(']')) return;
    let index = 0;
    do {
      this.#space();
      if (this.#text.charAt(this.#at) === ']') throw new Stop(path);
      this.#value(`${path}[${index++}]`);
    } while (this.#takes(','));
    this.#expect(']', path);
  }

  #number(path: string): void {
    if (this.#match(NUMBER) === undefined || NUMBER_PART.test(this.#text.charAt(this.#at))) {
      throw new Stop(path);
    }
  }

  #string(path: string): string | undefined {
    const start = this.#at;
    if (this.#text.charAt(start) !== '"') throw new Stop(path);
    let end = start + 1;
    while (end < this.#text.length && this.#text.charAt(end) !== '"') {
      if (this.#text.charAt(end) < ' ') break;
      end += this.#text.charAt(end) === '\\' ? 2 : 1;
    }
    if (this.#text.charAt(end) !== '"') {
      this.#at = Math.min(end, this.#text.length);
      throw new Stop(path);
    }
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      this.#at = start;
      throw new Stop(path); // an escape that JSON does not have
    }
  }

  #takes(mark: string): boolean {
    this.#space();
    if (this.#text.charAt(this.#at) !== mark) return false;
    this.#at++;
    return true;
  }

  #expect(mark: string, path: string): void {
    if (!this.#takes(mark)) throw new Stop(path);
  }

  #space(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }
}
