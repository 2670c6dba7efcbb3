import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import type { SearchQuery } from '../../../src/fhir/search/ast.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import { createIndexQuery, type IndexQuery } from '../../../src/store/index/query.ts';
import type { PutWrite } from '../../../src/store/resource/types.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { contentParts } from '../../../src/store/resource/content.ts';
import type { FoundPage, PagePosition } from '../../../src/store/search/found.ts';
import { isUnfinished, pageOf, type PageRow } from '../../../src/store/search/paging.ts';
import type { Shape } from '../../../src/store/search/plan/plan.ts';
import { prepareArms, type Making } from '../../../src/store/search/prepared.ts';
import { pageStatement } from '../../../src/store/search/statement/pageStatement.ts';
import { readStatistics } from '../../../src/store/search/statistics/readStatistics.ts';
import type { TypeStatistics } from '../../../src/store/search/statistics/typeStatistics.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

const SECRET = new Uint8Array(16).fill(5);
export const OWN_BASE = 'http://maxray.example/fhir/R4';

/** A store of the test file's own, and short words to fill it and to search it. */
export class SearchWorld {
  readonly definitions: Definitions;
  readonly store: Store;
  readonly schema: string;
  readonly index: IndexQuery;
  readonly #test: TestDatabase;
  readonly #statistics = new Map<string, TypeStatistics>();

  private constructor(definitions: Definitions, test: TestDatabase) {
    this.definitions = definitions;
    this.#test = test;
    this.schema = test.schema;
    this.index = createIndexQuery(definitions, SECRET, { publicBase: OWN_BASE });
    this.store = openStore(test.database, test.schema, definitions, SECRET, OWN_BASE);
  }

  /** @param definitions of another world, which spares reading them again */
  static async open(definitions?: Definitions): Promise<SearchWorld> {
    return new SearchWorld(definitions ?? (await r4Definitions()), await testDatabase());
  }

  close(): Promise<void> {
    return this.#test.close();
  }

  /** Stores `Type/id`, new or again. */
  async put(reference: string, members: object = {}): Promise<void> {
    await this.store.writer.write(this.#put(reference, members));
  }

  /** Stores several at one time. */
  async putTogether(resources: Readonly<Record<string, object>>): Promise<void> {
    const writes = Object.entries(resources).map(([reference, members]) => this.#put(reference, members));
    const { writer, database } = this.store;
    await writer.ensureTypes(writes);
    await database.transaction((tx) => writer.writeAll(writes, (statement) => tx.query(statement)));
  }

  #put(reference: string, members: object): PutWrite {
    const [type, id] = reference.split('/') as [string, string];
    const resource = { resourceType: type, id, ...members } as Resource;
    const index = this.store.indexer.index(resource);
    return { method: 'U', type, id, content: contentParts(resource, id), index };
  }

  async delete(reference: string): Promise<void> {
    const [type, id] = reference.split('/') as [string, string];
    await this.store.writer.write({ method: 'D', type, id });
  }

  async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.#test.database.search({ name: '', text, values })).rows as Record<string, unknown>[];
  }

  /** `Type?query`, or `?query` for the whole system; perhaps only in a compartment. */
  parse(url: string, compartment?: { type: string; id: string }): SearchQuery {
    const [type, text = ''] = url.split('?') as [string, string?];
    const scope = {
      ...(type === ''
        ? { level: 'system' as const, types: this.definitions.resourceTypes }
        : { level: 'type' as const, types: [type] }),
      ...(compartment ? { compartment } : {}),
    };
    const pairs = [...new URLSearchParams(text)];
    return parseSearch(this.definitions, this.store.searcher, scope, pairs, 'strict').query;
  }

  search(url: string, position?: PagePosition): Promise<FoundPage> {
    return this.store.searcher.search(this.parse(url), position);
  }

  /** A search with `_contained`. */
  contained(url: string, position?: PagePosition): Promise<FoundPage> {
    return this.store.containedSearcher.search(this.parse(url), position);
  }

  /** The ways in which a search of one type could be carried out, walks without a guard. */
  async shapes(query: SearchQuery): Promise<Shape[]> {
    const [arm] = prepareArms(await this.#making(query), query.searches, query.count, undefined);
    return [arm!.plan.shape, ...arm!.plan.rejected.map(({ shape }) => shape)].map((shape) =>
      shape.kind === 'walk' ? { kind: 'walk', along: shape.along } : shape,
    );
  }

  /** A page that is found in a certain way; undefined where that gave up. */
  async pageBy(shape: Shape, query: SearchQuery, position?: PagePosition): Promise<FoundPage | undefined> {
    const making = { ...(await this.#making(query)), eachOnce: true };
    const arms = prepareArms(making, query.searches, query.count, position);
    for (const arm of arms) arm.plan = { ...arm.plan, shape };
    const { text, isFixed } = pageStatement(arms);
    const { database } = this.#test;
    const statement = { name: '', text, values: arms[0]!.context.parameters.values };
    const { rows } = await (isFixed ? database.searchFixed(statement) : database.search(statement));
    if (isUnfinished(rows as PageRow[])) return undefined;
    const [{ type, sort }] = query.searches as [SearchQuery['searches'][0]];
    const scoreKey = sort.findIndex(({ by }) => by === 'score');
    return pageOf(rows as PageRow[], { count: query.count, keys: sort.length, scoreKey, type, position });
  }

  /** The same for a shape without a guard. */
  async wholePageBy(shape: Shape, query: SearchQuery, position?: PagePosition): Promise<FoundPage> {
    const page = await this.pageBy(shape, query, position);
    if (!page) throw new Error('a walk without a guard gave up');
    return page;
  }

  async #making(query: SearchQuery): Promise<Making> {
    const types = new Set(await this.store.types.existing());
    for (const type of types) {
      const statistics = await readStatistics(this.#test.database, this.schema, type);
      if (statistics) this.#statistics.set(type, statistics);
    }
    if (query.searches.some(({ type }) => !types.has(type)))
      throw new Error('nothing of that type was stored');
    return {
      schema: this.schema,
      index: this.index,
      nowMs: Date.now(),
      hasTable: (type) => types.has(type),
      statistics: (type) => this.#statistics.get(type),
    };
  }
}

export const ids = (page: FoundPage): string[] => page.matches.map(({ id }) => id);
