import { LONG_SQL, isLong } from '../../schema/resourceTables.ts';
import type { ConditionContext } from '../conditions/context.ts';
import type { Bounds } from '../plan/bounds.ts';
import type { SearchFacts } from '../plan/facts.ts';
import type { SqlParameters } from '../sqlParameters.ts';

/** Milliseconds since 1970 UTC as timestamptz, by the same arithmetic as the columns were written with. */
const instant = (ms: number, parameters: SqlParameters) =>
  `to_timestamp(${parameters.add(ms)}::float8 / 1000)`;

/** What bounds an index on a moment. */
export function instantBoundsSql(column: string, { from, to }: Bounds, parameters: SqlParameters): string[] {
  return [
    ...(Number.isFinite(from) ? [`${column} >= ${instant(from, parameters)}`] : []),
    ...(Number.isFinite(to) ? [`${column} <= ${instant(to, parameters)}`] : []),
  ];
}

/**
 * What bounds an index on the beginning of the main date. What ends from a moment on began at most a day before it, or is
 * long: then it began no earlier than the earliest of the long ones, which have an index of their own.
 */
export function mainDateBoundsSql(
  { tables, parameters }: ConditionContext,
  { dates, endsFrom }: SearchFacts,
  column: string,
): string[] {
  const bounds = instantBoundsSql(column, dates, parameters);
  if (endsFrom <= dates.from) return bounds;
  const moment = instant(endsFrom, parameters);
  // OFFSET 0: the planner takes a bare min() for the first row of a walk along all dates.
  const long = `SELECT l.date_lo FROM ${tables.resource} l WHERE ${isLong('l.')} AND l.date_hi >= ${moment} OFFSET 0`;
  return [...bounds, `${column} >= least(${moment} - ${LONG_SQL}, (SELECT min(o.date_lo) FROM (${long}) o))`];
}
