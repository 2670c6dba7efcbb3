import type { Definitions } from '../../fhir/definitions/types.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import type { FoundResource } from '../search/found.ts';
import type { Searcher } from '../search/searcher.ts';

/** Versions of one canonical that are looked at. */
const VERSIONS_MAX = 100;

/** Finds definitions, code systems and the like among the stored resources by what they are called, exactly. */
export class CanonicalSearch {
  readonly #definitions: Definitions;
  readonly #searcher: Searcher;

  constructor(definitions: Definitions, searcher: Searcher) {
    this.#definitions = definitions;
    this.#searcher = searcher;
  }

  /** Every stored version of a canonical URL. */
  async byUrl(type: string, url: string): Promise<FoundResource[]> {
    // No resource has such a URL; implicit value sets of SNOMED CT may.
    if (url === '' || /\s/.test(url)) return [];
    return this.by(type, [['url', url]]);
  }

  /** What satisfies all of these parameters, their values as they are. */
  async by(type: string, wanted: readonly (readonly [string, string])[]): Promise<FoundResource[]> {
    const { query } = parseSearch(
      this.#definitions,
      this.#searcher,
      { level: 'type', types: [type] },
      [
        ...wanted.map(([name, value]) => [name, escaped(value)] as const),
        ['_count', String(VERSIONS_MAX)],
        ['_total', 'none'],
      ],
      'strict',
    );
    return (await this.#searcher.search(query)).matches;
  }
}

/** As a value in a query (http://hl7.org/fhir/R4/search.html#escaping). */
const escaped = (value: string): string => value.replace(/[\\,$|]/g, '\\$&');
