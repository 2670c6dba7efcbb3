import type { ConditionContext } from '../conditions/context.ts';
import type { PagePosition } from '../found.ts';
import type { SortColumn } from '../order/sortColumns.ts';
import type { SearchFacts } from '../plan/facts.ts';
import type { TypePlan } from '../plan/plan.ts';

/** The part of a page's statement that is about one type. */
export interface Arm {
  context: ConditionContext;
  facts: SearchFacts;
  plan: TypePlan;
  columns: readonly SortColumn[];
  /** Placeholder of the number of rows that are wanted. */
  limit: string;
  position: PagePosition | undefined;
  /** The rows are wanted from the other end of the order. */
  backwards: boolean;
  /** A resource that is met several times is to be found by the first; else the first page may have it twice. */
  eachOnce: boolean;
  /** Whether the rows have a column `type`. */
  typed: boolean;
}

/** Names of the columns of an arm's rows: `k1`, `k2`, ... are its sort keys. */
export const keyName = (i: number): string => `k${i + 1}`;

/** The select list of an arm's rows, as SQL about the main row. */
export function rowColumns({ context, columns, typed }: Arm, keys: readonly string[]): string {
  const m = context.alias;
  const type = typed ? [`'${context.type}'::text COLLATE "C" AS type`] : [];
  const sorted = columns.map((_, i) => `${keys[i]} AS ${keyName(i)}`);
  return [...type, `${m}.rid, ${m}.id`, ...sorted, `${m}.content`].join(', ');
}
