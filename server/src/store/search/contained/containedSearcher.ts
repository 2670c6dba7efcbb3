import type { SearchQuery } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { Indexer } from '../../index/rows.ts';
import { PAGE_BYTES_MAX } from '../../pageBytes.ts';
import type { Database } from '../../postgres/database.ts';
import { plain } from '../explain.ts';
import type { FoundPage, PagePosition } from '../found.ts';
import { neighbours } from '../paging.ts';
import type { Searcher } from '../searcher.ts';
import { SqlParameters } from '../sqlParameters.ts';
import { ContainedWalk, type Placed } from './containedWalk.ts';
import { ContainerReader, type VisibleContainers } from './containers.ts';
import { Insides } from './insides.ts';
import { requireOffered } from './offered.ts';

export interface ContainedParts {
  database: Database;
  schema: string;
  index: IndexQuery;
  indexer: Indexer;
  types: { existing(): Promise<string[]> };
  /** Finds what is not contained. */
  searcher: Searcher;
}

/** Of somebody who may not see everything. */
export interface ContainedLimits {
  visible: VisibleContainers;
  /** What is asked of resources that are not contained. */
  ordinary: SearchQuery;
}

/** A search, with its limits. */
type Asked = SearchQuery & Partial<ContainedLimits>;

/** Before all matches that are contained. */
const START: PagePosition = { values: [], type: '', rid: '0', inside: 0, backwards: false };
/** After all that are not, looking back: no type and no row comes later. */
const END_OF_ORDINARY: PagePosition = {
  values: [],
  type: '~',
  rid: String(2n ** 63n - 1n),
  backwards: true,
};

/**
 * Runs searches with `_contained=true` or `both` (http://hl7.org/fhir/R4/search.html#contained). The index tells which
 * resources contain one of the types; these are read in turn, and what they contain is indexed and compared in memory. First
 * come the ordinary matches, then the contained ones by their containers' type and age. A page is read by several
 * statements, so that it need not be of one moment.
 */
export class ContainedSearcher {
  readonly #parts: ContainedParts;

  constructor(parts: ContainedParts) {
    this.#parts = parts;
  }

  /**
   * As {@link Searcher.search}.
   *
   * @param limits absent: everything may be seen
   * @throws FhirError `busy` when it takes too long, `incorrect` for what is not offered here
   */
  async search(searched: SearchQuery, position?: PagePosition, limits?: ContainedLimits): Promise<FoundPage> {
    requireOffered(searched);
    const query: Asked = { ...searched, ...limits };
    if (query.count === 0 || query.summary === 'count')
      return { matches: [], total: await this.#total(query) };
    const startMs = performance.now();
    const walk = await this.#walk(query);
    const page = await this.#page(query, walk, position);
    if (query.explain) {
      const searchMs = performance.now() - startMs;
      const { explanation: ordinary } = page;
      page.explanation = { search: plain(searched), looked: walk.looked, searchMs, ordinary };
    }
    if (query.total === 'none') return page;
    if (position === undefined && page.next === undefined) page.total = page.matches.length;
    else if (query.total !== undefined) page.total = await this.#total(query);
    return page;
  }

  #page(query: Asked, walk: ContainedWalk, position: PagePosition | undefined): Promise<FoundPage> {
    if (query.contained === 'true') return containedPage(query, walk, position);
    if (position?.inside === undefined) return this.#ordinaryFirst(query, walk, position);
    return position.backwards
      ? this.#backToOrdinary(query, walk, position)
      : containedPage(query, walk, position);
  }

  /** Ordinary matches and, where they end, contained ones. */
  async #ordinaryFirst(
    query: Asked,
    walk: ContainedWalk,
    position: PagePosition | undefined,
  ): Promise<FoundPage> {
    const page = await this.#ordinary(query, position);
    if (page.next !== undefined) return page;
    const { matches } = page;
    const room = {
      matches: query.count - matches.length,
      bytes: PAGE_BYTES_MAX - bytesOf(matches),
      isEmpty: matches.length === 0,
    };
    const { placed, isCut } = await walk.take(room, START);
    const last = placed.at(-1);
    if (isCut) page.next = last ? positionOf(last, false) : START;
    return { ...page, matches: [...matches, ...placed.map(({ found }) => found)] };
  }

  /** Contained matches and, where there are no earlier ones, the last of the ordinary ones. */
  async #backToOrdinary(query: Asked, walk: ContainedWalk, position: PagePosition): Promise<FoundPage> {
    const page = await containedPage(query, walk, position);
    if (page.previous !== undefined) return page;
    const room = query.count - page.matches.length;
    const ordinary = await this.#ordinary({ ...query, count: Math.max(room, 1) }, END_OF_ORDINARY);
    if (ordinary.matches.length === 0) return page;
    const matches = [...ordinary.matches, ...page.matches];
    if (room === 0 || bytesOf(matches) > PAGE_BYTES_MAX) return { ...page, previous: END_OF_ORDINARY };
    return { ...ordinary, matches, next: page.next! };
  }

  #ordinary(query: Asked, position: PagePosition | undefined): Promise<FoundPage> {
    const { ordinary = query, count } = query;
    return this.#parts.searcher.search({ ...ordinary, count, total: 'none' }, position);
  }

  async #total(query: Asked): Promise<number> {
    const contained = await (await this.#walk(query)).count();
    if (query.contained === 'true') return contained;
    const { total } = await this.#parts.searcher.search({ ...(query.ordinary ?? query), count: 0 });
    return contained + total!;
  }

  async #walk({ searches, contained, containedType, visible }: Asked): Promise<ContainedWalk> {
    const { database, schema, index, indexer, types } = this.#parts;
    const keys = searches.map(({ type }) => index.containedKey(type));
    const reader = new ContainerReader(database, schema, await types.existing(), keys, undefined, visible);
    const context = { index, parameters: new SqlParameters(), nowMs: Date.now() };
    return new ContainedWalk(reader, new Insides(indexer, context, searches), {
      returns: containedType,
      withoutMatches: contained === 'both',
      timeoutMs: database.searchTimeoutMs,
    });
  }
}

const bytesOf = (matches: FoundPage['matches']) =>
  matches.reduce((sum, { content }) => sum + Buffer.byteLength(content ?? ''), 0);

/** A page of contained matches only. */
async function containedPage(
  { count }: SearchQuery,
  walk: ContainedWalk,
  position: PagePosition | undefined,
): Promise<FoundPage> {
  const room = { matches: count, bytes: PAGE_BYTES_MAX, isEmpty: true };
  const { placed, isCut } = await walk.take(room, position);
  if (position?.backwards) placed.reverse();
  return { matches: placed.map(({ found }) => found), ...neighbours(placed, isCut, position, positionOf) };
}

function positionOf({ container: { type, rid }, inside }: Placed, backwards: boolean): PagePosition {
  return { values: [], type, rid, inside, backwards };
}
