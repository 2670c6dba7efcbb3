import type { Comparison, Condition } from '../../../fhir/search/ast.ts';
import { dateTest, type SpanTest } from '../../index/spanTest.ts';
import type { ConditionContext } from './context.ts';
import { anyOf } from './expressions.ts';
import { rangeRow } from './rangeRow.ts';
import { spanSql } from './spanSql.ts';

/** Dates (http://hl7.org/fhir/R4/search.html#date): at least one of the parameter's dates satisfies a comparison. */
export function dateCondition(
  context: ConditionContext,
  { parameter, comparisons }: Extract<Condition, { kind: 'date' | 'number' }>,
): string {
  const { index, type, nowMs } = context;
  const tests = comparisons.map((comparison) => dateTest(comparison, nowMs));
  if (index.isMainDate(type, parameter)) return mainDateCondition(context, tests);
  return rangeRow(context, index.rangeParams(type, parameter), undefined, tests);
}

/** The date columns satisfy one of the tests; never NULL. */
export function mainDateCondition(context: ConditionContext, tests: readonly SpanTest[]): string {
  const { alias } = context;
  const columns = { lo: `${alias}.date_lo`, hi: `${alias}.date_hi`, bound: timeBound(context) };
  return `(${alias}.date_lo IS NOT NULL AND ${anyOf(tests.map((test) => spanSql(columns, test)))})`;
}

/** `_lastUpdated` (http://hl7.org/fhir/R4/search.html#lastUpdated): a moment, without precision. */
export function lastUpdatedCondition(
  context: ConditionContext,
  { comparisons }: { comparisons: readonly Comparison[] },
): string {
  const column = `${context.alias}.last_updated`;
  const columns = { lo: column, hi: column, bound: timeBound(context) };
  return anyOf(comparisons.map((comparison) => spanSql(columns, dateTest(comparison, context.nowMs))));
}

/** Milliseconds since 1970 UTC as timestamptz, by the same arithmetic as the columns were written with. */
function timeBound({ parameters }: ConditionContext): (ms: number) => string {
  return (ms) => `to_timestamp(${parameters.add(ms)}::float8 / 1000)`;
}
