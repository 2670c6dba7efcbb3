import { TerminologyError } from '../issue.ts';
import type { CodeSystemContent, Concept, ConceptFilter, Selection, SystemHeader } from '../model.ts';
import { requireUsable, unknownFilter } from './filterFaults.ts';
import type { RegexMatcher } from './memorySystem.ts';

/** A code system that is a grammar: its codes are judged one by one, and there is no end of them. */
export interface Grammar {
  url: string;
  name: string;
  caseSensitive: boolean;
  /** Canonical of a value set with the codes in common use. */
  commonCodes?: string;
  /** The code as it should be written, what it is called, and what else; undefined: it is none. */
  read(code: string): { code: string; display?: string; others?: readonly string[] } | undefined;
  /** Of units: whether two measure the same, which value sets ask for by the property `canonical`. */
  measuresSame?(code: string, other: string): boolean;
}

export class RuleSystem implements CodeSystemContent {
  readonly header: SystemHeader;
  readonly #grammar: Grammar;
  readonly #regex: RegexMatcher;

  constructor(grammar: Grammar, regex: RegexMatcher) {
    this.#grammar = grammar;
    this.#regex = regex;
    this.header = {
      url: grammar.url,
      name: grammar.name,
      status: 'active',
      language: 'en',
      caseSensitive: grammar.caseSensitive,
      content: 'complete',
      properties: [],
      isHierarchical: false,
      supplements: [],
      ...(grammar.commonCodes !== undefined && { commonCodes: grammar.commonCodes }),
    };
  }

  find(code: string): Promise<Concept | undefined> {
    const read = this.#grammar.read(code);
    if (read === undefined) return Promise.resolve(undefined);
    const { others = [], ...named } = read;
    const designations = others.map((value) => ({ value, language: 'en' }));
    const lists = { designations, properties: [], extensions: [], parents: [], children: [] };
    return Promise.resolve({ ...named, ...lists, order: 0 });
  }

  select(_selection: Selection): Promise<Concept[]> {
    return Promise.reject(this.#endless());
  }

  count(_selection: Selection): Promise<number> {
    return Promise.reject(this.#endless());
  }

  /** Of filters only those by the code itself (`=`, `in`, `not-in`, `regex`), and `canonical` of units. */
  async matches(concept: Concept, filters: readonly ConceptFilter[]): Promise<boolean> {
    for (const filter of filters) if (!(await this.#matches(concept.code, filter))) return false;
    return true;
  }

  subsumes(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async #matches(code: string, filter: ConceptFilter): Promise<boolean> {
    requireUsable(this.header.url, filter);
    const { property, op, value } = filter;
    if (property === 'canonical' && op === '=' && this.#grammar.measuresSame)
      return this.#grammar.measuresSame(code, value);
    if (property !== 'code' && property !== 'concept') throw unknownFilter(this.header.url, filter);
    switch (op) {
      case '=':
        return code === value;
      case 'in':
        return value.split(',').includes(code);
      case 'not-in':
        return !value.split(',').includes(code);
      case 'regex':
        return (await this.#regex(value, [code])).has(code);
    }
    throw unknownFilter(this.header.url, filter);
  }

  #endless(): TerminologyError {
    return new TerminologyError('unprocessable', {
      severity: 'error',
      code: 'too-costly',
      id: 'VALUESET_TOO_COSTLY',
      text: `The code system ${this.header.url} is a grammar and has no end of codes: they can be validated, not listed.`,
    });
  }
}
