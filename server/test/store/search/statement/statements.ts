import type { Definitions } from '../../../../src/fhir/definitions/types.ts';
import type { SearchQuery } from '../../../../src/fhir/search/ast.ts';
import { parseSearch } from '../../../../src/fhir/search/parse.ts';
import { createIndexQuery, type IndexQuery } from '../../../../src/store/index/query.ts';
import { canSearch } from '../../../../src/store/search/conditions/canSearch.ts';
import type { PagePosition } from '../../../../src/store/search/found.ts';
import { inImpliedOrder } from '../../../../src/store/search/order/impliedOrder.ts';
import { canSort } from '../../../../src/store/search/order/sortColumns.ts';
import type { Shape } from '../../../../src/store/search/plan/plan.ts';
import { prepareArms, prepareSearches, type Making } from '../../../../src/store/search/prepared.ts';
import { UNKNOWN_STATISTICS } from '../../../../src/store/search/statistics/typeStatistics.ts';
import { pageStatement } from '../../../../src/store/search/statement/pageStatement.ts';

const SECRET = new Uint8Array(16).fill(5);

/** The SQL of searches, without a database. */
export class Statements {
  readonly index: IndexQuery;
  readonly #definitions: Definitions;
  readonly #making: Making;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
    this.index = createIndexQuery(definitions, SECRET, { publicBase: 'http://maxray.example/fhir/R4' });
    this.#making = {
      schema: 's',
      index: this.index,
      nowMs: 0,
      hasTable: () => true,
      statistics: () => UNKNOWN_STATISTICS,
    };
  }

  parse(url: string): SearchQuery {
    const [type, text = ''] = url.split('?') as [string, string?];
    const support = {
      supports: canSearch.bind(undefined, this.index),
      sorts: canSort.bind(undefined, this.index),
    };
    const scope = { level: 'type' as const, types: [type] };
    return parseSearch(this.#definitions, support, scope, [...new URLSearchParams(text)], 'strict').query;
  }

  prepared(url: string) {
    return prepareSearches(this.#making, this.parse(url).searches);
  }

  /** SQL of the rows of a page by a certain shape: without what is the same for all, in one line. */
  rows(
    url: string,
    shape: Shape,
    position?: PagePosition,
    how: { implied?: boolean; eachOnce?: boolean } = {},
  ): { sql: string; values: unknown[]; isFixed: boolean } {
    const asked = this.parse(url);
    const query = how.implied ? inImpliedOrder(this.index, asked) : asked;
    const making = { ...this.#making, eachOnce: how.eachOnce ?? false };
    const [arm] = prepareArms(making, query.searches, query.count, position);
    arm!.plan = { ...arm!.plan, shape };
    const { text, isFixed } = pageStatement([arm!]);
    const sql = text
      .replaceAll(/\s+/g, ' ')
      .replace(/^SELECT .*? THEN content END AS content FROM \((.*)\) r$/, '$1')
      .replaceAll('m.rid, m.id', '<row>')
      .replaceAll(/"s"\."(\w+)"/g, '$1');
    return { sql, isFixed, values: arm!.context.parameters.values };
  }
}
