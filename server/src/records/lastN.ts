import type { SearchQuery } from '../fhir/search/ast.ts';
import type { PageResource } from '../store/search/include/includer.ts';
import type { LastNPage } from '../store/search/lastN/lastN.ts';
import type { Store } from '../store/store.ts';
import { believed } from './addedParameters.ts';
import type { Caller } from './caller.ts';
import type { Cursors } from './cursors.ts';
import type { Records } from './records.ts';
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
  readonly #records: Pick<Records, 'narrowed' | 'visible'>;
  readonly #cursors: Cursors;
  readonly #meanings: TokenMeanings | undefined;

  constructor(
    store: Store,
    records: Pick<Records, 'narrowed' | 'visible'>,
    cursors: Cursors,
    meanings?: TokenMeanings,
  ) {
    this.#store = store;
    this.#records = records;
    this.#cursors = cursors;
    this.#meanings = meanings;
  }

  /**
   * One page, from the most recent to the oldest.
   *
   * @throws FhirError `incorrect` when the page is of another query or caller, `unprocessable` when too many observations
   *   come into question, `busy` when it takes too long
   */
  async page(caller: Caller, { query, max, identity }: LastNRequest): Promise<SearchResult> {
    const sealedFor = JSON.stringify(['lastn', max, identity]);
    const after =
      query.page === undefined
        ? undefined
        : asPosition(this.#cursors.open<Sealed>(caller, sealedFor, query.page));
    const narrowed = await this.#records.narrowed(caller, query);
    const { conditions } = (await withMeanings(narrowed, this.#meanings)).searches[0]!;
    const visible = (resources: readonly PageResource[]) => this.#records.visible(caller, resources);
    const [found, { resources, truncated }] = await believed(this.#store, query, async () => {
      const read = await this.#store.lastN.page(conditions, max, query.count, after);
      const included = await this.#store.includer.included(read.matches, query.includes, { visible });
      return [read, included] as const;
    });
    return {
      matches: await this.#records.visible(caller, found.matches as FoundResource[]),
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
