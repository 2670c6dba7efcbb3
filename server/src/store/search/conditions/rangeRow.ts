import type { Key } from '../../index/rows.ts';
import type { SpanTest } from '../../index/spanTest.ts';
import { NO_UNIT } from '../../index/values/quantity.ts';
import type { ConditionContext } from './context.ts';
import { anyOf, isKey, sideRow } from './expressions.ts';
import { spanSql, type SpanColumns } from './spanSql.ts';

/**
 * One of the resource's range rows satisfies one of the tests.
 *
 * @param unit absent: of rows without a unit; `any`: of all
 */
export function rangeRow(
  context: ConditionContext,
  params: readonly Key[],
  unit: Key | 'any' | undefined,
  tests: readonly SpanTest[],
): string {
  if (params.length === 0 || tests.length === 0) return 'false';
  return sideRow(context, 'ranges', (row) => {
    const { parameters } = context;
    const of = [isKey(parameters, `${row}.param`, params)];
    if (unit !== 'any') of.push(isKey(parameters, `${row}.unit`, [unit ?? NO_UNIT]));
    const columns = rangeColumns(context, row);
    return `${of.join(' AND ')} AND ${anyOf(tests.map((test) => spanSql(columns, test)))}`;
  });
}

/** The span of a range row. */
export function rangeColumns({ parameters }: ConditionContext, row: string): SpanColumns {
  return {
    lo: `${row}.lo`,
    hi: `${row}.hi`,
    bound: (value) => `${parameters.add(value)}::float8`,
  };
}
