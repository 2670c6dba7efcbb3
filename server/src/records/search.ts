import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/types.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { SearchQuery, TypeSearch } from '../fhir/search/ast.ts';
import {
  parseSearch,
  type ParsedSearch,
  type SearchHandling,
  type SearchScope,
} from '../fhir/search/parse.ts';
import type { FoundResource } from '../store/search/found.ts';
import type { Visible } from '../store/search/include/includer.ts';
import type { Store } from '../store/store.ts';
import type { Caller } from './caller.ts';
import { believed, isDefinition } from './addedParameters.ts';
import type { Cursors } from './cursors.ts';
import type { Gate } from './gate/gate.ts';
import { withMeaning, withMeanings, type TokenMeanings } from './tokenMeanings.ts';

export type { ParsedSearch, SearchHandling } from '../fhir/search/parse.ts';
export type { FoundResource } from '../store/search/found.ts';

/** One page of a search. */
export interface SearchResult {
  matches: readonly FoundResource[];
  /** What `_include` and `_revinclude` bring along, each resource once and none that is a match of this page. */
  included: readonly FoundResource[];
  /** True when more would have been included than fits. */
  includesCut: boolean;
  /** Number of matches over all pages, where it is known. */
  total?: number;
  /** Sealed positions of the page after and the page before; absent where there is none. */
  next?: string;
  previous?: string;
  /** How the search was understood and run, where that was asked for. */
  explanation?: unknown;
}

/** What is searched: one type or all, perhaps only in a compartment (http://hl7.org/fhir/R4/search.html#searchcontexts). */
export interface SearchTarget {
  type?: string;
  compartment?: { type: string; id: string };
}

export interface RecordSearchParts {
  cursors: Cursors;
  gate: Gate;
  /** For searches that ask what codes mean; without, they are refused. */
  meanings?: TokenMeanings | undefined;
}

/** The searching half of Records. */
export class RecordSearch {
  readonly #definitions: Definitions;
  readonly #store: Store;
  readonly #cursors: Cursors;
  readonly #gate: Gate;
  readonly #meanings: TokenMeanings | undefined;

  constructor(definitions: Definitions, store: Store, { cursors, gate, meanings }: RecordSearchParts) {
    this.#definitions = definitions;
    this.#store = store;
    this.#cursors = cursors;
    this.#gate = gate;
    this.#meanings = meanings;
  }

  /** Query pairs -> a search that {@link search} can run. @throws FhirError `incorrect` on what cannot be used */
  parse(
    { type, compartment }: SearchTarget,
    pairs: readonly (readonly [string, string])[],
    handling: SearchHandling,
  ): ParsedSearch {
    const scope: SearchScope = {
      level: type === undefined ? 'system' : 'type',
      types: type === undefined ? this.#definitions.resourceTypes : [type],
      ...(compartment === undefined ? {} : { compartment }),
    };
    return parseSearch(this.#definitions, this.#store.searcher, scope, pairs, handling);
  }

  /** One search with codes in place of what only terminology understands. @throws FhirError when that is not known, or too many */
  meant(search: TypeSearch): Promise<TypeSearch> {
    return withMeaning(search, this.#meanings);
  }

  /** The search parameters of a type that can be used here. */
  parameters(type: string): SearchParameterDefinition[] {
    return this.#definitions
      .searchParameters(type)
      .filter(({ embedded }) => embedded === undefined)
      .filter(
        (parameter) =>
          COMMON_CODES.has(parameter.code) || this.#store.searcher.supports(type, parameter, undefined),
      );
  }

  /**
   * One page of matches with what they bring along.
   *
   * @throws FhirError `incorrect` when the page is not of this query and caller or what is asked for is not offered,
   *   `forbidden` when the caller may not see how it runs
   */
  async search(caller: Caller, query: SearchQuery): Promise<SearchResult> {
    requireOffered(caller, query);
    let identity: string | undefined;
    const sealed = (position: unknown) =>
      this.#cursors.seal(caller, (identity ??= searchIdentity(query)), position);
    const at =
      query.page === undefined
        ? undefined
        : this.#cursors.open<PagePosition>(caller, (identity ??= searchIdentity(query)), query.page);
    const [found, { resources, truncated }] = await believed(this.#store, query, async () => {
      const meant = await withMeanings(await this.#gate.narrowed(caller, query), this.#meanings);
      const page = await (query.contained === 'false'
        ? this.#store.searcher.search(meant, at)
        : this.#contained(caller, query, meant, at));
      return [page, await this.#included(caller, page.matches, query)] as const;
    });
    caller.trail?.showsAll(found.matches);
    caller.trail?.showsAll(resources as FoundResource[]);
    return {
      matches: this.#gate.shown(caller, found.matches),
      included: resources as FoundResource[],
      includesCut: truncated,
      ...(found.total === undefined ? {} : { total: found.total }),
      ...(found.next === undefined ? {} : { next: sealed(found.next) }),
      ...(found.previous === undefined ? {} : { previous: sealed(found.previous) }),
      ...(found.explanation === undefined ? {} : { explanation: found.explanation }),
    };
  }

  /** What is contained belongs to its container: it is found in those that the caller may see, by what of them is shown. */
  async #contained(
    caller: Caller,
    query: SearchQuery,
    narrowed: SearchQuery,
    at: PagePosition | undefined,
  ): Promise<FoundPage> {
    const { containedSearcher } = this.#store;
    if (caller.access === 'unrestricted') return containedSearcher.search(narrowed, at);
    const types = new Set(narrowed.searches.map(({ type }) => type));
    const offered = { ...query, searches: query.searches.filter(({ type }) => types.has(type)) };
    return containedSearcher.search(await withMeanings(offered, this.#meanings), at, {
      visible: (containers) => this.#gate.visible(caller, containers),
      ordinary: narrowed,
    });
  }

  /** What the caller may not see is not followed either. */
  async #included(
    caller: Caller,
    matches: FoundPage['matches'],
    { includes }: SearchQuery,
  ): Promise<Included> {
    if (includes.length === 0 || matches.length === 0) return NOTHING_INCLUDED;
    const visible: Visible | undefined =
      caller.access === 'unrestricted' ? undefined : (found) => this.#gate.visible(caller, found);
    return this.#store.includer.included(matches.map(withOwnName), includes, { visible });
  }
}

type PagePosition = NonNullable<FoundPage['next']>;
type FoundPage = Awaited<ReturnType<Store['searcher']['search']>>;
type Included = Awaited<ReturnType<Store['includer']['included']>>;
const NOTHING_INCLUDED: Included = { resources: [], truncated: false };

/** Parameters of every type that need no index: the searcher is not asked for them (see SearchSupport). */
const COMMON_CODES: ReadonlySet<string> = new Set(['_id', '_lastUpdated', '_text', '_content']);

function requireOffered(caller: Caller, query: SearchQuery): void {
  if (query.explain && !caller.isAdministrator) {
    throw fhirError('forbidden', 'forbidden', 'Only administrators may use _explain: leave it out.');
  }
}

/** What is contained must not be taken for the resource that has its id by itself. */
function withOwnName(match: FoundPage['matches'][number]): FoundPage['matches'][number] {
  const { containedIn, id } = match;
  return containedIn ? { ...match, id: `${containedIn.type}/${containedIn.id}#${id}` } : match;
}

/**
 * What a page position belongs to: all that decides which resources are found and in which order. How many come in a
 * page and how they look may change from page to page.
 */
function searchIdentity({ searches, contained, containedType }: SearchQuery): string {
  return `${contained} ${containedType} ${identityOf(searches)}`;
}

/** A text of a part of the AST that no other part has. Definitions of search parameters stand in it by what names them. */
function identityOf(node: unknown): string {
  if (typeof node === 'string') return JSON.stringify(node);
  if (typeof node !== 'object' || node === null) return String(node);
  if (Array.isArray(node)) return `[${node.map(identityOf).join(',')}]`;
  if (isDefinition(node)) return nameOf(node);
  let text = '';
  for (const [name, member] of Object.entries(node)) text += `${name}:${identityOf(member)},`;
  return `{${text}}`;
}

const nameOf = ({ url, added }: SearchParameterDefinition) =>
  added === undefined ? url : `${url} ${added.resource} ${added.revision}`;
