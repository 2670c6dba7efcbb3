import type { SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import type { SearchQuery, TypeSearch } from '../../fhir/search/ast.ts';
import type { SearchSupport } from '../../fhir/search/contract.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Database, QueryResult, Statement } from '../postgres/database.ts';
import { PAGE_BYTES_MAX } from '../pageBytes.ts';
import { int8Array } from '../resource/binaryArray.ts';
import { canSearch } from './conditions/canSearch.ts';
import { asMatch, matchesStatement, type CriteriaMatch, type MatchRow } from './criteriaMatches.ts';
import { withImpliedConditions } from './conditions/impliedConditions.ts';
import { explainPage } from './explain.ts';
import type { FoundPage, PagePosition } from './found.ts';
import { KnownTables } from './knownTables.ts';
import { inImpliedOrder } from './order/impliedOrder.ts';
import { canSort } from './order/sortColumns.ts';
import { isLarge, isRepeating, isUnfinished, pageOf, type PageRow } from './paging.ts';
import { preparePage, prepareSearches, typesOf, type Making, type PreparedPage } from './prepared.ts';
import { StatementNames } from '../statementNames.ts';
import { analyseType } from './statistics/analyse.ts';
import { readStatistics } from './statistics/readStatistics.ts';
import { StatisticsCache } from './statistics/statisticsCache.ts';
import { orTooCostly } from './tooCostly.ts';
import {
  ESTIMATE_EXACT_MAX,
  boundedCountStatement,
  countStatement,
  estimateStatement,
  estimatedRows,
} from './totals.ts';

export type { FoundPage, FoundResource, PagePosition } from './found.ts';

type Run = (statement: Statement) => Promise<QueryResult>;

/** Largest page that may come between others on the same connection. */
const QUICK_COUNT_MAX = 100;

/** Runs searches: query -> plan -> SQL -> page. */
export class Searcher implements SearchSupport {
  readonly #database: Database;
  readonly #schema: string;
  readonly #index: IndexQuery;
  readonly #tables: KnownTables;
  readonly #statistics: StatisticsCache;
  readonly #names = new StatementNames('search');
  readonly #criteriaNames = new StatementNames('criteria');

  constructor(
    database: Database,
    schema: string,
    index: IndexQuery,
    types: { existing(): Promise<string[]> },
  ) {
    this.#database = database;
    this.#schema = schema;
    this.#index = index;
    this.#tables = new KnownTables(() => types.existing());
    this.#statistics = new StatisticsCache({
      read: (type) => readStatistics(database, schema, type),
      analyse: (type) => analyseType(database, schema, type),
    });
  }

  supports(type: string, parameter: SearchParameterDefinition, modifier: string | undefined): boolean {
    return canSearch(this.#index, type, parameter, modifier);
  }

  sorts(type: string, parameter: SearchParameterDefinition): boolean {
    return canSort(this.#index, type, parameter);
  }

  /**
   * One page of matches, or only their number where no more is asked for (http://hl7.org/fhir/R4/search.html#count). The
   * page is read by one statement, so it is of one moment; an accurate total may be of a moment before or after it.
   *
   * @param position where the page begins; absent: with the first match
   * @throws FhirError `busy` when it takes too long, `incorrect` when it asks for too much
   */
  search(query: SearchQuery, position?: PagePosition): Promise<FoundPage> {
    const implied = withImpliedConditions(this.#index, query);
    return orTooCostly(this.#search(inImpliedOrder(this.#index, implied), position));
  }

  /**
   * Some of the resources that satisfy the criteria of a conditional interaction, as an open transaction sees them.
   *
   * @param limit most of them
   * @throws FhirError `busy` when it takes too long
   */
  async criteriaMatches(
    criteria: TypeSearch,
    { limit, withContent }: { limit: number; withContent: boolean },
    run: Run,
  ): Promise<CriteriaMatch[]> {
    const query = withImpliedConditions(this.#index, { searches: [criteria] });
    const statement = await this.#prepare(
      query,
      (making, [search]) =>
        search && matchesStatement(prepareSearches(making, [search])[0]!, limit, withContent),
    );
    if (!statement) return [];
    const name = this.#criteriaNames.of(statement.text);
    const { rows } = await orTooCostly(this.#run(run, { ...statement, name }));
    return (rows as unknown as MatchRow[]).map(asMatch);
  }

  async #search(query: SearchQuery, position: PagePosition | undefined): Promise<FoundPage> {
    if (query.count === 0 || query.summary === 'count') {
      return { matches: [], total: await this.#accurateTotal(query) };
    }
    const startMs = performance.now();
    const read = await this.#readPage(query, position);
    if (!read) return { matches: [], ...(query.total === 'none' ? {} : { total: 0 }) };
    const { prepared, rows } = read;
    const sort = query.searches[0]!.sort;
    const page = pageOf(rows, {
      count: query.count,
      keys: sort.length,
      scoreKey: sort.findIndex(({ by }) => by === 'score'),
      type: prepared.arms.length === 1 ? prepared.arms[0]!.context.type : undefined,
      position,
    });
    const searchMs = performance.now() - startMs;
    const total = await this.#total(query, page, position);
    if (total !== undefined) page.total = total;
    if (query.explain) {
      const explain = (statement: Statement) => this.#run(this.#runner(prepared, query.count), statement);
      page.explanation = await explainPage(query, prepared, searchMs, explain);
    }
    return page;
  }

  /** Undefined where no type has a table. A walk that gave up is followed by a find. */
  async #readPage(
    query: SearchQuery,
    position: PagePosition | undefined,
  ): Promise<{ prepared: PreparedPage; rows: PageRow[] } | undefined> {
    const how: Pick<Making, 'findsOnly' | 'eachOnce'> = {};
    for (;;) {
      const prepared = await this.#prepare(query, (making, searches) =>
        searches.length === 0
          ? undefined
          : preparePage({ ...making, ...how }, searches, query.count, position),
      );
      if (!prepared) return undefined;
      const rows = await this.#pageRows(prepared, query.count);
      if (isUnfinished(rows)) how.findsOnly = true;
      else if (prepared.mayRepeat && isRepeating(rows)) how.eachOnce = true;
      else return { prepared, rows };
    }
  }

  async #pageRows(prepared: PreparedPage, count: number): Promise<PageRow[]> {
    const { text, boundedText, bytesAt, values } = prepared;
    const run = this.#runner(prepared, count);
    const read = async (statement: string, bytesMax: number): Promise<PageRow[]> => {
      const name = this.#names.of(statement);
      const own = values.with(bytesAt, bytesMax);
      const { rows } = await this.#run(run, { name, text: statement, values: own });
      return rows as PageRow[];
    };
    const rows = await read(text, Math.floor(PAGE_BYTES_MAX / (count + 1)));
    return isUnfinished(rows) || !isLarge(rows) ? rows : read(boundedText, PAGE_BYTES_MAX);
  }

  #runner({ isFixed }: PreparedPage, count: number): Run {
    if (!isFixed) return this.#database.search;
    return count <= QUICK_COUNT_MAX ? this.#database.searchQuick : this.#database.searchFixed;
  }

  async #total(query: SearchQuery, page: FoundPage, position?: PagePosition): Promise<number | undefined> {
    if (query.total === 'none') return undefined;
    if (position === undefined && page.next === undefined) return page.matches.length;
    if (query.total === 'accurate') return this.#accurateTotal(query);
    return query.total === 'estimate' ? this.#estimatedTotal(query) : undefined;
  }

  #accurateTotal(query: SearchQuery): Promise<number> {
    return this.#count(query, countStatement);
  }

  /** Exact up to ESTIMATE_EXACT_MAX; what PostgreSQL's planner thinks beyond. */
  async #estimatedTotal(query: SearchQuery): Promise<number> {
    const counted = await this.#count(query, boundedCountStatement);
    if (counted <= ESTIMATE_EXACT_MAX) return counted;
    const statement = await this.#prepare(query, (making, searches) =>
      estimateStatement(prepareSearches(making, searches)),
    );
    const { rows } = await this.#run(this.#database.search, statement);
    return Math.max(counted, estimatedRows(rows[0]));
  }

  async #count(query: SearchQuery, make: typeof countStatement): Promise<number> {
    const statement = await this.#prepare(query, (making, searches) =>
      searches.length === 0 ? undefined : make(prepareSearches(making, searches)),
    );
    if (!statement) return 0;
    const name = this.#names.of(statement.text);
    const { rows } = await this.#run(this.#database.search, { ...statement, name });
    return Number(rows[0]!.total);
  }

  #run(run: Run, statement: Statement): Promise<QueryResult> {
    return run({ ...statement, values: statement.values.map(asBinary) });
  }

  /** Makes something of the searches of those types that have tables; again, if one that is missed has got them since. */
  async #prepare<T>(
    query: Pick<SearchQuery, 'searches'>,
    make: (making: Making, searches: TypeSearch[]) => T,
  ): Promise<T> {
    for (;;) {
      const missed = new Set<string>();
      const hasTable = (type: string): boolean => {
        if (this.#tables.has(type)) return true;
        missed.add(type);
        return false;
      };
      const searches = query.searches.filter(({ type }) => hasTable(type));
      await this.#statistics.load([...typesOf(searches)].filter(hasTable));
      const made = make(
        {
          schema: this.#schema,
          index: this.#index,
          nowMs: Date.now(),
          hasTable,
          statistics: (type) => this.#statistics.of(type),
        },
        searches,
      );
      if (missed.size === 0 || !(await this.#tables.refresh(missed))) return made;
    }
  }
}

/** Lists of keys go out in PostgreSQL's own format, which spares both sides the decimal texts. */
function asBinary(value: unknown): unknown {
  return Array.isArray(value) && typeof value[0] === 'bigint' ? int8Array(value as bigint[]) : value;
}
