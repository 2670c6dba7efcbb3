import { beginningRanges, type Beginning } from '../conditions/beginnings.ts';
import type { ConditionContext } from '../conditions/context.ts';

/**
 * Row ids of the resources with a text that begins so, perhaps several times. `+ 0`: which is not along the index on row ids,
 * with all texts.
 */
export function prefixRids({ parameters, tables }: ConditionContext, prefixes: readonly Beginning[]): string {
  return beginningRanges(parameters, prefixes, 's')
    .map((range) => `SELECT s.rid + 0 AS rid FROM ${tables.strings} s WHERE ${range}`)
    .join(' UNION ALL ');
}
