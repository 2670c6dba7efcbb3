import type { IndexQuery } from '../../index/query.ts';
import { tableNames, type TableNames } from '../../schema/names.ts';
import type { SqlParameters } from '../sqlParameters.ts';

/** Whose rows a condition is about, and what it is written with. */
export interface ConditionContext {
  /** Resource type of the rows. */
  type: string;
  /** SQL alias of the type's main table. */
  alias: string;
  schema: string;
  /** Tables of the type. */
  tables: TableNames;
  index: IndexQuery;
  /** Of the whole statement. */
  parameters: SqlParameters;
  /** Of the whole statement. */
  aliases: Aliases;
  /** The moment that `ap` counts from, in milliseconds since 1970 UTC. */
  nowMs: number;
  /** Whether the tables of a resource type exist: they are made when its first resource is written. */
  hasTable(type: string): boolean;
  /**
   * How chained and reverse chained conditions are joined: `set` gathers what they refer to and looks it up, for
   * conditions that few resources satisfy; `probe` looks from each row, for those that many satisfy. The answer is
   * the same. Absent: `set`.
   */
  joins?: JoinShape;
}

export type JoinShape = 'set' | 'probe';

/** Numbers the aliases of a statement, so that none hides another. */
export class Aliases {
  #last = 0;

  next(prefix: string): string {
    return `${prefix}${++this.#last}`;
  }
}

/** The context of the rows of a search. */
export function contextOf(
  shared: Omit<ConditionContext, 'type' | 'alias' | 'tables'>,
  type: string,
  alias: string,
): ConditionContext {
  return { ...shared, type, alias, tables: tableNames(shared.schema, type) };
}

/** The context of a further type in the same statement, under an alias of its own. */
export function joined(context: ConditionContext, type: string): ConditionContext {
  return contextOf(context, type, context.aliases.next('t'));
}
