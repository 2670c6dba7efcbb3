import type { Definitions } from '../../fhir/definitions/types.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import { escapeValue } from '../../fhir/search/split.ts';
import type { FoundResource } from './found.ts';
import type { Searcher } from './searcher.ts';

/** Most that are found. */
const FOUND_MAX = 100;

/** Finds resources for the server itself by values as they are, whatever signs are in them. */
export class ExactSearch {
  readonly #definitions: Definitions;
  readonly #searcher: Searcher;

  constructor(definitions: Definitions, searcher: Searcher) {
    this.#definitions = definitions;
    this.#searcher = searcher;
  }

  /** What satisfies all of these parameters; at most 100. */
  async by(type: string, wanted: readonly (readonly [string, string])[]): Promise<FoundResource[]> {
    const pairs = [
      ...wanted.map(([name, value]) => [name, escapeValue(value)] as const),
      ['_count', String(FOUND_MAX)] as const,
      ['_total', 'none'] as const,
    ];
    const target = { level: 'type', types: [type] } as const;
    const { query } = parseSearch(this.#definitions, this.#searcher, target, pairs, 'strict');
    return (await this.#searcher.search(query)).matches;
  }
}
