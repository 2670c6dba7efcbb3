import type { Statement } from '../postgres/database.ts';
import { conditionsSql } from './statement/conditionsSql.ts';
import type { PreparedSearch } from './prepared.ts';

/** Up to so many, an estimated total is exact. */
export const ESTIMATE_EXACT_MAX = 1_000;

/** SQL that counts all matches, in its only column `total`. */
export function countStatement(prepared: readonly PreparedSearch[]): Statement {
  const counts = prepared.map((one) => `(${codeCount(one) ?? `SELECT count(*) FROM ${matchesSql(one)} c`})`);
  return statement(prepared, `SELECT ${counts.join(' + ')} AS total`);
}

/** The same, but stops after {@link ESTIMATE_EXACT_MAX} and one more of each type. */
export function boundedCountStatement(prepared: readonly PreparedSearch[]): Statement {
  const limit = `LIMIT ${ESTIMATE_EXACT_MAX + 1}`;
  const counts = prepared.map((one) => `(SELECT count(*) FROM ${matchesSql(one, limit)} c)`);
  return statement(prepared, `SELECT ${counts.join(' + ')} AS total`);
}

/** EXPLAIN of all matches: its plan's row number is PostgreSQL's estimate. */
export function estimateStatement(prepared: readonly PreparedSearch[]): Statement {
  const all = prepared.map((one) => `SELECT FROM ${matchesSql(one)} c`);
  return statement(prepared, `EXPLAIN (FORMAT JSON) ${all.join(' UNION ALL ')}`);
}

/** The number of rows in the answer to {@link estimateStatement}. */
export function estimatedRows(row: Record<string, unknown> | undefined): number {
  const plans = row?.['QUERY PLAN'] as [{ Plan: { 'Plan Rows': number } }] | undefined;
  if (!plans) throw new Error('EXPLAIN gave no plan');
  return Math.round(plans[0].Plan['Plan Rows']);
}

function statement([first]: readonly PreparedSearch[], text: string): Statement {
  return { name: '', text, values: first!.context.parameters.values };
}

function matchesSql({ context, facts }: PreparedSearch, limit = ''): string {
  const conditions = conditionsSql(context, facts.parts, { driving: [], planned: true, joins: 'set' });
  return `(SELECT FROM ${context.tables.resource} ${context.alias} WHERE ${conditions} ${limit})`;
}

/** One code alone, of any system, has as many rows in the ordered table as there are matches, and they are quicker counted there. */
function codeCount({ context, facts }: PreparedSearch): string | undefined {
  const [only, ...others] = facts.parts;
  if (others.length > 0 || !only?.ordered?.isExact || only.ordered.keys.length !== 1) return undefined;
  const key = context.parameters.add(only.ordered.keys[0]);
  return `SELECT count(*) FROM ${context.tables.ordered} o WHERE o.key = ${key}::bigint`;
}
