import type { IndexQuery } from '../index/query.ts';
import type { TableNames } from '../schema/names.ts';
import type { SqlParameters } from './sqlParameters.ts';

/** Everything a parameter type needs to write its condition. */
export interface ConditionContext {
  type: string;
  tables: TableNames;
  index: IndexQuery;
  parameters: SqlParameters;
}

/** `keys` must hold one of the given keys; no key at all can match nothing. */
export function anyKey(context: ConditionContext, keys: readonly string[]): string {
  if (keys.length === 0) return 'false';
  const operator = keys.length === 1 ? '@>' : '&&';
  return `m.keys ${operator} ${context.parameters.add(keys)}::bigint[]`;
}
