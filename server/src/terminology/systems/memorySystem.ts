import type { CodeSystemContent, Concept, ConceptFilter, Selection, SystemHeader } from '../model.ts';
import { filterProperty, isAbstract, isInactive, statusOf } from './conceptFacts.ts';
import { HIERARCHY_OPS, requireUsable, unknownFilter } from './filterFaults.ts';
import { WeightedCache } from '../resources/weightedCache.ts';
import type { ReadCodeSystem } from './readCodeSystem.ts';
import { textWords, hasWords, searchText } from './text.ts';

/** Which of some texts a regular expression matches as a whole; PostgreSQL's engine knows, and cannot be kept busy for long. */
export type RegexMatcher = (pattern: string, texts: readonly string[]) => Promise<ReadonlySet<string>>;

type Test = (concept: Concept) => boolean;

/** Concepts of selections that are kept for the next page. */
const SELECTED_CONCEPTS_MAX = 50_000;

/** A code system whose concepts are in memory. */
export class MemorySystem implements CodeSystemContent {
  readonly header: SystemHeader;
  readonly #concepts: readonly Concept[];
  readonly #byCode = new Map<string, Concept>();
  readonly #byFolded: Map<string, Concept> | undefined;
  readonly #regex: RegexMatcher;
  readonly #tests = new Map<string, Promise<Test>>();
  readonly #texts = new Map<Concept, string>();
  readonly #selections = new WeightedCache<readonly Concept[]>(SELECTED_CONCEPTS_MAX);

  constructor({ header, concepts }: ReadCodeSystem, regex: RegexMatcher) {
    this.header = header;
    this.#concepts = concepts;
    this.#regex = regex;
    for (const concept of concepts) this.#byCode.set(concept.code, concept);
    if (!header.caseSensitive)
      this.#byFolded = new Map(concepts.map((concept) => [concept.code.toLowerCase(), concept]));
  }

  find(code: string): Promise<Concept | undefined> {
    return Promise.resolve(this.#find(code));
  }

  async select({ offset = 0, limit, ...wanted }: Selection): Promise<Concept[]> {
    return (await this.#selected(wanted)).slice(offset, offset + limit);
  }

  async count(selection: Selection): Promise<number> {
    return (await this.#selected(selection)).length;
  }

  async matches(concept: Concept, filters: readonly ConceptFilter[]): Promise<boolean> {
    const tests = await Promise.all(filters.map((filter) => this.#test(filter)));
    return tests.every((test) => test(concept));
  }

  subsumes(ancestor: Concept, descendant: Concept): Promise<boolean> {
    return Promise.resolve(this.#isBelow(descendant, ancestor));
  }

  #find(code: string): Concept | undefined {
    return this.#byCode.get(code) ?? this.#byFolded?.get(code.toLowerCase());
  }

  /** A selection is asked for twice at least: how many there are, and a page of them. */
  async #selected({
    filters,
    text,
    activeOnly = false,
  }: Omit<Selection, 'limit'>): Promise<readonly Concept[]> {
    if (filters.length === 0 && text === undefined && !activeOnly) return this.#concepts;
    const key = JSON.stringify([filters, text, activeOnly]);
    let selected = this.#selections.get(key);
    if (selected === undefined) {
      selected = this.#concepts.filter(await this.#selectionTest(filters, text, activeOnly));
      this.#selections.set(key, selected, selected.length);
    }
    return selected;
  }

  async #selectionTest(
    filters: readonly ConceptFilter[],
    text: string | undefined,
    activeOnly: boolean,
  ): Promise<Test> {
    const tests = await Promise.all(filters.map((filter) => this.#test(filter)));
    if (activeOnly) tests.push((concept) => !isInactive(this.header, concept));
    if (text !== undefined) {
      const words = textWords(text);
      tests.push((concept) => hasWords(this.#textOf(concept), words));
    }
    return (concept) => tests.every((test) => test(concept));
  }

  #textOf(concept: Concept): string {
    let text = this.#texts.get(concept);
    if (text === undefined) this.#texts.set(concept, (text = searchText(concept)));
    return text;
  }

  /** Walks up; concepts that stand above themselves end it as well. */
  #isBelow(concept: Concept, ancestor: Concept): boolean {
    const seen = new Set(concept.parents);
    for (const code of seen) {
      if (code === ancestor.code) return true;
      for (const parent of this.#byCode.get(code)?.parents ?? []) seen.add(parent);
    }
    return false;
  }

  #test(filter: ConceptFilter): Promise<Test> {
    const key = JSON.stringify([filter.property, filter.op, filter.value]);
    let test = this.#tests.get(key);
    if (test === undefined) {
      requireUsable(this.header.url, filter);
      test = Promise.resolve(this.#hierarchyTest(filter) ?? this.#valueTest(filter));
      this.#tests.set(key, test);
      test.catch(() => this.#tests.delete(key));
    }
    return test;
  }

  /** Of the operators that go along the hierarchy; they are about the concept, whatever the property is called. */
  #hierarchyTest({ op, value }: ConceptFilter): Test | undefined {
    if (!HIERARCHY_OPS.has(op)) return undefined;
    const at = this.#find(value);
    const below = new Set<Concept>();
    if (at) this.#collectBelow(at, below);
    switch (op) {
      case 'is-a':
        return (concept) => concept === at || below.has(concept);
      case 'descendent-of':
        return (concept) => concept !== at && below.has(concept);
      case 'is-not-a':
        return (concept) => concept !== at && !below.has(concept);
      case 'child-of':
        return (concept) => at !== undefined && concept.parents.includes(at.code);
      case 'descendent-leaf':
        return (concept) => concept !== at && below.has(concept) && concept.children.length === 0;
      default: // generalizes
        return (concept) => at !== undefined && (concept === at || this.#isBelow(at, concept));
    }
  }

  #collectBelow(concept: Concept, below: Set<Concept>): void {
    const waiting = [concept];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const code of at.children) {
        const child = this.#byCode.get(code);
        if (!child || below.has(child)) continue;
        below.add(child);
        waiting.push(child);
      }
    }
  }

  async #valueTest(filter: ConceptFilter): Promise<Test> {
    const { op, property, value } = filter;
    const values = this.#valuesOf(filter);
    const isDecimal = this.header.properties.some(
      ({ code, type }) => code === property && type === 'decimal',
    );
    const written = (text: string) => (isDecimal ? String(Number(text)) : text);
    const listed = new Set(value.split(',').map((one) => written(one.trim())));
    switch (op) {
      case '=':
        return (concept) => values(concept).includes(written(value));
      case 'in':
        return (concept) => values(concept).some((one) => listed.has(one));
      case 'not-in':
        return (concept) => !values(concept).some((one) => listed.has(one));
      case 'exists':
        return (concept) => values(concept).length > 0 === (value === 'true');
      default: {
        const matching = await this.#regex(value, [...new Set(this.#concepts.flatMap(values))]);
        return (concept) => values(concept).some((one) => matching.has(one));
      }
    }
  }

  /** What a concept has of the filter's property, as text. @throws TerminologyError where the system has no such property */
  #valuesOf(filter: ConceptFilter): (concept: Concept) => readonly string[] {
    const { header } = this;
    switch (filter.property) {
      case 'code':
      case 'concept':
        return ({ code }) => [code];
      case 'display':
        return ({ display }) => (display === undefined ? [] : [display]);
      case 'definition':
        return ({ definition }) => (definition === undefined ? [] : [definition]);
      case 'parent':
        return ({ parents }) => parents;
      case 'child':
        return ({ children }) => children;
    }
    const code = filterProperty(header, filter.property);
    const known =
      header.properties.some((property) => property.code === code) || OWN_PROPERTIES.has(filter.property);
    if (!known && !this.#concepts.some(({ properties }) => properties.some((one) => one.code === code)))
      throw unknownFilter(header.url, filter);
    return (concept) => {
      const found = concept.properties.filter((one) => one.code === code).map(({ value }) => textOf(value));
      if (found.length > 0) return found;
      if (filter.property === 'notSelectable') return [String(isAbstract(header, concept))];
      if (filter.property === 'inactive') return [String(isInactive(header, concept))];
      const status = filter.property === 'status' ? statusOf(header, concept) : undefined;
      return status === undefined ? [] : [status];
    };
  }
}

const OWN_PROPERTIES: ReadonlySet<string> = new Set(['notSelectable', 'inactive', 'status']);

/** A property's value as filters know it: of a Coding, its code. */
export function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return String((value as { code?: unknown }).code ?? '');
  return String(value);
}
