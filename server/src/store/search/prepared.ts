import type { Condition, SearchQuery, SortKey, TypeSearch } from '../../fhir/search/ast.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { IndexQuery } from '../index/query.ts';
import { Aliases, contextOf, type ConditionContext } from './conditions/context.ts';
import type { PagePosition } from './found.ts';
import { guessingFor } from './guessing.ts';
import { INSTANT, asMilliseconds, sortColumn, type SortColumn } from './order/sortColumns.ts';
import { choosePlan, type SortEffort } from './plan/choose.ts';
import type { Shape } from './plan/plan.ts';
import { factsOf, type SearchFacts } from './plan/facts.ts';
import { SqlParameters } from './sqlParameters.ts';
import type { Arm } from './statement/arm.ts';
import { pageStatement, type PageSql } from './statement/pageStatement.ts';
import { UNKNOWN_STATISTICS, type TypeStatistics } from './statistics/typeStatistics.ts';

/** What statements are made from, besides the query. */
export interface Making {
  schema: string;
  index: IndexQuery;
  nowMs: number;
  hasTable(type: string): boolean;
  statistics(type: string): TypeStatistics | undefined;
  /** Walks are out of the question; absent: they are not. */
  findsOnly?: boolean;
  /** As Arm.eachOnce. */
  eachOnce?: boolean;
}

/** What is asked of one type, understood. */
export interface PreparedSearch {
  search: TypeSearch;
  context: ConditionContext;
  facts: SearchFacts;
}

/** A page's statement, and how it came about. */
export interface PreparedPage extends PageSql {
  arms: readonly Arm[];
  values: unknown[];
}

/** The searches of a statement. They share its parameters. */
export function prepareSearches(making: Making, searches: readonly TypeSearch[]): PreparedSearch[] {
  const { schema, index, nowMs, hasTable } = making;
  const shared = { schema, index, nowMs, hasTable, parameters: new SqlParameters(), aliases: new Aliases() };
  const guessing = guessingFor(shared, making.statistics);
  return searches.map((search) => ({
    search,
    context: contextOf(shared, search.type, 'm'),
    facts: factsOf(index, search, guessing),
  }));
}

/** The statement of one page. @param searches at least one, each of a type with tables */
export function preparePage(
  making: Making,
  searches: readonly TypeSearch[],
  count: SearchQuery['count'],
  position: PagePosition | undefined,
): PreparedPage {
  const arms = prepareArms(making, searches, count, position);
  return { arms, ...pageStatement(arms), values: arms[0]!.context.parameters.values };
}

/** What a page asks of each type, and how it is to be carried out. */
export function prepareArms(
  making: Making,
  searches: readonly TypeSearch[],
  count: SearchQuery['count'],
  position: PagePosition | undefined,
): Arm[] {
  const prepared = prepareSearches(making, searches);
  const [{ context, search }] = prepared as [PreparedSearch];
  if (position !== undefined && position.values.length !== search.sort.length) throw strangePosition();
  const limit = `${context.parameters.add(count + 1)}::bigint`;
  const columns = columnsOf(prepared);
  const offered = making.findsOnly ? ({ kind }: Shape) => kind === 'find' : guardable(searches.length);
  return prepared.map(({ search, context, facts }, i): Arm => {
    const own = columns.isMixed ? { ...facts } : facts;
    if (columns.isMixed) delete own.order;
    const statistics = making.statistics(search.type) ?? UNKNOWN_STATISTICS;
    return {
      context,
      facts: own,
      plan: choosePlan(own, statistics, count + 1, effortOf(own, search.sort), offered),
      columns: columns.of[i]!,
      limit,
      position,
      backwards: position?.backwards ?? false,
      eachOnce: making.eachOnce ?? false,
      typed: searches.length > 1,
    };
  });
}

/** The row by which a walk says that it gave up must not get lost among those of other types. */
const guardable = (types: number) => (shape: Shape) =>
  types === 1 || shape.kind === 'find' || shape.guard === undefined;

/** The sort keys of each type; where a key is an instant for one type and a number for another, it becomes a number. */
function columnsOf(prepared: readonly PreparedSearch[]): { of: SortColumn[][]; isMixed: boolean } {
  const of = prepared.map(({ search, context }) =>
    search.sort.map((key) => sortColumn(context, key, search.conditions)),
  );
  const [first] = of;
  const mixed = first!.map(({ sqlType }, k) => of.some((columns) => columns[k]!.sqlType !== sqlType));
  if (!mixed.includes(true)) return { of, isMixed: false };
  const alike = of.map((columns) =>
    columns.map((column, k) => (mixed[k] && column.sqlType === INSTANT ? asMilliseconds(column) : column)),
  );
  return { of: alike, isMixed: true };
}

const ON_ROW: ReadonlySet<SortKey['by']> = new Set(['id', 'last-updated', 'patient', 'main-date']);

function effortOf({ order }: SearchFacts, sort: readonly SortKey[]): SortEffort {
  if (sort.length === 0) return 'none';
  const isOnRow = ({ by }: SortKey) => ON_ROW.has(by);
  if (sort.every(isOnRow) || order?.by === 'main-date') return 'columns';
  const needsContent = ({ by, parameter }: SortKey) =>
    by === 'score' || (parameter !== undefined && ['token', 'reference', 'uri'].includes(parameter.type));
  return sort.some(needsContent) ? 'content' : 'side';
}

/** Types whose rows a search looks at: its own, and those that chains and reverse chains lead to. */
export function typesOf(searches: readonly TypeSearch[]): Set<string> {
  const types = new Set<string>();
  const visit = (condition: Condition): void => {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return condition.conditions.forEach(visit);
      case 'not':
        return visit(condition.condition);
      case 'chain':
        return condition.targets.forEach((target) => {
          types.add(target.type);
          visit(target.condition);
        });
      case 'has':
        types.add(condition.type);
        visit(condition.condition);
    }
  };
  for (const { type, conditions } of searches) {
    types.add(type);
    conditions.forEach(visit);
  }
  return types;
}

function strangePosition() {
  return fhirError(
    'incorrect',
    'invalid',
    'The page link is of another query: search again from the first page.',
  );
}
