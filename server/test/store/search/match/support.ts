import type { Definitions } from '../../../../src/fhir/definitions/types.ts';
import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { parseSearch } from '../../../../src/fhir/search/parse.ts';
import { ContainedTypes } from '../../../../src/store/index/containedTypes.ts';
import { createIndexer } from '../../../../src/store/index/indexer.ts';
import { createIndexQuery, type IndexQuery } from '../../../../src/store/index/query.ts';
import type { Indexer } from '../../../../src/store/index/rows.ts';
import { canSearch } from '../../../../src/store/search/conditions/canSearch.ts';
import { matcherOf } from '../../../../src/store/search/match/matcher.ts';
import { SqlParameters } from '../../../../src/store/search/sqlParameters.ts';
import { r4Definitions } from '../../../support/definitions.ts';

const SECRET = new Uint8Array(16).fill(3);
/** URL of the server whose resources are compared. */
export const BASE = 'http://maxray.example/fhir/R4';
const NOW = Date.UTC(2026, 0, 1);

export type Resource = { resourceType: string; id?: string; [name: string]: unknown };

/** Compares resources with queries, without a database. */
export class Matching {
  readonly #definitions: Definitions;
  readonly #indexer: Indexer;
  readonly #index: IndexQuery;

  private constructor(definitions: Definitions) {
    this.#definitions = definitions;
    this.#indexer = createIndexer(definitions, SECRET, { publicBase: BASE });
    this.#index = createIndexQuery(definitions, SECRET, { publicBase: BASE });
  }

  static async open(): Promise<Matching> {
    return new Matching(await r4Definitions());
  }

  conditionsOf(type: string, query: string): Condition[] {
    const support = {
      supports: (...asked: Parameters<typeof canSearch> extends [unknown, ...infer Rest] ? Rest : never) =>
        canSearch(this.#index, ...asked),
      sorts: () => true,
    };
    const scope = { level: 'type' as const, types: [type] };
    const pairs = [...new URLSearchParams(query)];
    return parseSearch(this.#definitions, support, scope, pairs, 'strict').query.searches[0]!.conditions;
  }

  /** Whether a resource that stands beside others in a container satisfies a query. */
  matches(resource: Resource, query: string, beside: Resource[] = []): boolean {
    const { resourceType: type, id } = resource;
    const context = { type, index: this.#index, parameters: new SqlParameters(), nowMs: NOW };
    const inside = new ContainedTypes({ resourceType: 'Basic', contained: [...beside, resource] });
    const rows = this.#indexer.index(resource, inside);
    return this.conditionsOf(type, query)
      .map((condition) => matcherOf(context, condition))
      .every((match) => match({ id, isContained: true, resource, rows }));
  }
}
