import type { Definitions } from '../definitions/types.ts';
import { FhirError, type Issue } from '../outcome.ts';
import type { Condition, SortKey, TypeSearch } from './ast.ts';
import { TestBudget } from './budget.ts';
import { readConditions } from './conditions.ts';
import type { ParsedSearch, SearchContext, SearchHandling, SearchScope, SearchSupport } from './contract.ts';
import {
  SearchFault,
  faultIssue,
  quoted,
  searchError,
  tooCostly,
  unknown,
  unusable,
  wrong,
} from './faults.ts';
import { hasFullText } from './fullText.ts';
import { PARAMETERS_MAX } from './limits.ts';
import { parseCount } from './results/count.ts';
import { PAGE_PARAMETER, ResultReader, SINGLE_RESULT_PARAMETERS } from './results/results.ts';
import { parseSort } from './results/sort.ts';
import { searchTypes, type SearchTypes } from './scope.ts';

export type { ParsedSearch, SearchHandling, SearchScope, SearchSupport } from './contract.ts';
export { COUNT_DEFAULT, COUNT_MAX, PARAMETERS_MAX, VALUES_MAX } from './limits.ts';
export { PAGE_PARAMETER } from './results/results.ts';

type Pair = readonly [string, string];

/** Parameters of the HTTP surface, which reads them itself. */
const PRESENTATION: ReadonlySet<string> = new Set(['_format', '_pretty']);
/** Parameters that say one thing; all others add up. */
const SINGLE: ReadonlySet<string> = new Set([...SINGLE_RESULT_PARAMETERS, '_sort', '_type']);

/**
 * A query string -> what it asks (http://hl7.org/fhir/R4/search.html).
 *
 * @param pairs names and values, percent-decoded, in the order of the query
 * @throws FhirError `incorrect`: with strict handling on any part that cannot be used, always on what is written
 *   wrongly or goes beyond a limit; one issue for each pair, with `http.<name>` as expression
 */
export function parseSearch(
  definitions: Definitions,
  support: SearchSupport,
  scope: SearchScope,
  pairs: readonly Pair[],
  handling: SearchHandling,
): ParsedSearch {
  if (pairs.length > PARAMETERS_MAX) {
    throw searchError(
      tooCostly(`The query has more than ${PARAMETERS_MAX} parameters: split it into several.`),
    );
  }
  return new SearchParser({ definitions, support, budget: new TestBudget() }, scope, pairs).parse(handling);
}

class SearchParser {
  readonly #context: SearchContext;
  readonly #scope: SearchScope;
  readonly #pairs: readonly Pair[];
  /** By the index of their pair. */
  readonly #faults = new Map<number, SearchFault>();

  constructor(context: SearchContext, scope: SearchScope, pairs: readonly Pair[]) {
    this.#context = context;
    this.#scope = scope;
    this.#pairs = pairs;
  }

  parse(handling: SearchHandling): ParsedSearch {
    const types = this.#types();
    const results = new ResultReader(this.#context, types.types);
    const conditions = new Map(types.types.map((type) => [type, compartmentOf(types, type)]));
    this.#eachPair(([name, value]) => {
      if (this.#isReadElsewhere(name) || results.read(name, value)) return;
      for (const [type, condition] of readConditions(this.#context, types, name, value)) {
        conditions.get(type)!.push(condition);
      }
    });
    const sort = this.#sort(types, [...conditions.values()].flat());
    const searches = types.types.map((type): TypeSearch => ({
      type,
      conditions: conditions.get(type)!,
      sort: sort.get(type) ?? [],
    }));
    const settings = this.#whole(() => results.finish());
    this.#throwFaults(handling);
    return { query: { searches, ...settings! }, used: this.#used(), ignored: this.#ignored() };
  }

  /** `_type` comes first: what the other parameters mean depends on it. */
  #types(): SearchTypes {
    const index = this.#pairs.findIndex(([name]) => name === '_type');
    const named = this.#scope.level === 'system' ? this.#pairs[index]?.[1] : undefined;
    try {
      return searchTypes(this.#context, this.#scope, named);
    } catch (error) {
      if (!(error instanceof SearchFault)) throw error;
      if (index < 0 || named === undefined) throw searchError(error);
      throw new FhirError('incorrect', [faultIssue(error, '_type')]);
    }
  }

  #isReadElsewhere(name: string): boolean {
    if (name === '_type' && this.#scope.level === 'type') {
      throw unusable('_type is for searches across types: this search is of one type already.');
    }
    if (name.startsWith('_sort:') || name.startsWith('_type:')) throw noModifier(name);
    return PRESENTATION.has(name) || name === '_sort' || name === '_type';
  }

  #eachPair(read: (pair: Pair) => void): void {
    const seen = new Set<string>();
    this.#pairs.forEach((pair, i) => {
      this.#attempt(i, () => {
        checkText(pair);
        if (SINGLE.has(pair[0]) && seen.has(pair[0])) {
          throw wrong(`${pair[0]} stands more than once: give it once.`);
        }
        seen.add(pair[0]);
        read(pair);
      });
    });
  }

  #sort(types: SearchTypes, conditions: readonly Condition[]): Map<string, SortKey[]> {
    let byType = new Map<string, SortKey[]>();
    const index = this.#pairs.findIndex(([name]) => name === '_sort');
    if (index < 0 || this.#faults.has(index)) return byType;
    const value = this.#pairs[index]![1];
    const ranked = conditions.some(hasFullText);
    this.#attempt(index, () => (byType = parseSort({ context: this.#context, types, ranked }, value)));
    return byType;
  }

  #attempt(index: number, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof SearchFault)) throw error;
      this.#faults.set(index, error);
    }
  }

  /** A fault of the query as a whole comes after those of its pairs. */
  #whole<T>(read: () => T): T | undefined {
    let value: T | undefined;
    this.#attempt(this.#pairs.length, () => (value = read()));
    return value;
  }

  #throwFaults(handling: SearchHandling): void {
    const faults = this.#inOrder().filter(([, fault]) => handling === 'strict' || fault.kind === 'wrong');
    if (faults.length > 0)
      throw new FhirError(
        'incorrect',
        faults.map(([i, fault]) => this.#issue(i, fault)),
      );
  }

  #ignored(): Issue[] {
    return this.#inOrder().map(([i, fault]) => ({ ...this.#issue(i, fault), severity: 'warning' }));
  }

  #used(): [string, string][] {
    return this.#pairs
      .filter(([name], i) => !this.#faults.has(i) && !PRESENTATION.has(name) && name !== PAGE_PARAMETER)
      .map(([name, value]) => [name, name === '_count' ? String(parseCount(value)) : value]);
  }

  #inOrder(): [number, SearchFault][] {
    return [...this.#faults].sort(([a], [b]) => a - b);
  }

  #issue(index: number, fault: SearchFault): Issue {
    return faultIssue(fault, this.#pairs[index]?.[0] ?? '');
  }
}

function noModifier(name: string): SearchFault {
  const [code, modifier] = [name.slice(0, 5), name.slice(5)];
  const order = code === '_sort' ? ', and write - before a key for descending order' : '';
  return unknown(`${code} takes no modifier: leave out ${quoted(modifier)}${order}.`);
}

function compartmentOf(types: SearchTypes, type: string): Condition[] {
  const condition = types.compartment(type);
  return condition ? [condition] : [];
}

/** PostgreSQL has no text with NUL, and half a surrogate pair has no UTF-8. */
function checkText([name, value]: Pair): void {
  for (const text of [name, value]) {
    if (!text.includes('\0') && text.isWellFormed()) continue;
    throw wrong(
      `The parameter ${quoted(name)} has a character that no text can have (NUL or half a surrogate pair).`,
    );
  }
}
