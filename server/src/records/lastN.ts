import type { SearchQuery } from '../fhir/search/ast.ts';
import type { LastNPage } from '../store/search/lastN/lastN.ts';
import type { Store } from '../store/store.ts';
import { believed } from './addedParameters.ts';
import type { Caller } from './caller.ts';
import { requireUnrestricted } from './gate/refusals.ts';
import type { Cursors } from './cursors.ts';
import type { FoundResource, SearchResult } from './search.ts';
import { withMeanings, type TokenMeanings } from './tokenMeanings.ts';

export interface LastNRequest {
  /** A search of observations; its order and total are not asked for. */
  query: SearchQuery;
  /** Observations of each code. */
  max: number;
  /** Text that is the same for all pages of the same query. */
  identity: string;
}

/** The latest observations of each code (http://hl7.org/fhir/R4/observation-operation-lastn.html). */
export class LastNRecords {
  readonly #store: Store;
  readonly #cursors: Cursors;
  readonly #meanings: TokenMeanings | undefined;

  constructor(store: Store, cursors: Cursors, meanings?: TokenMeanings) {
    this.#meanings = meanings;
    this.#store = store;
    this.#cursors = cursors;
  }

  /**
   * One page, from the most recent to the oldest.
   *
   * @throws FhirError `incorrect` when the page is of another query or caller, `unprocessable` when too many observations
   *   come into question, `busy` when it takes too long
   */
  async page(caller: Caller, { query, max, identity }: LastNRequest): Promise<SearchResult> {
    requireUnrestricted(caller, '$lastn');
    const sealedFor = JSON.stringify(['lastn', max, identity]);
    const after =
      query.page === undefined
        ? undefined
        : asPosition(this.#cursors.open<Sealed>(caller, sealedFor, query.page));
    const { conditions } = (await withMeanings(query, this.#meanings)).searches[0]!;
    const [found, { resources, truncated }] = await believed(this.#store, query, async () => {
      const read = await this.#store.lastN.page(conditions, max, query.count, after);
      return [read, await this.#store.includer.included(read.matches, query.includes)] as const;
    });
    return {
      matches: found.matches as FoundResource[],
      included: resources as FoundResource[],
      includesCut: truncated,
      total: found.total,
      ...(found.next && { next: this.#cursors.seal(caller, sealedFor, asSealed(found.next)) }),
    };
  }
}

type Position = NonNullable<LastNPage['next']>;
/** JSON has no infinities. */
type Sealed = [rid: number, hiMs: string | null, loMs: string | null];

const asSealed = ({ rid, hiMs, loMs }: Position): Sealed => [rid, textOf(hiMs), textOf(loMs)];
const asPosition = ([rid, hi, lo]: Sealed): Position => ({
  rid,
  code: '',
  hiMs: hi === null ? null : Number(hi),
  loMs: lo === null ? null : Number(lo),
});
const textOf = (ms: number | null) => (ms === null ? null : String(ms));
