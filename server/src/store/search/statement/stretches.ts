import { rowColumns, type Arm } from './arm.ts';
import type { Source } from './driver.ts';
import type { Segment } from './segments.ts';

/** A part of a walk that is limited by itself. */
export interface Stretch {
  source: Source;
  segment: Segment;
  conditions: string;
  /** Placeholder of the number of rows after which the walk is given up. */
  room: string | undefined;
}

/**
 * Where another table is walked, the resource is looked up in a LATERAL subquery that OFFSET 0 keeps apart: so the planner
 * cannot turn the walk into a join of the whole tables.
 */
export function stretchSql(arm: Arm, { source, segment, conditions, room }: Stretch): string[] {
  const { context, columns, limit } = arm;
  const { alias, tables } = context;
  const selected = rowColumns(arm, source.key !== undefined ? [source.key] : columns.map(({ sql }) => sql));
  const from = source.from ?? `${tables.resource} ${alias}`;
  const bounds = [...source.where, ...segment.where];
  const { order } = segment;
  const inOrder = `${from}${where(bounds)} ORDER BY ${order}`;
  const row = source.from === undefined ? alias : 'd';
  // With a guard, only so many rows are seen by what follows, and they are within the bounds.
  const seen = room === undefined ? from : `(SELECT ${row}.* FROM ${inOrder} LIMIT ${room}) ${row}`;
  const { leads = [] } = source;
  const remaining = room === undefined ? [...bounds, ...leads] : leads;
  const satisfied = [...source.rows, conditions];
  const resource = `SELECT ${selected} FROM ${tables.resource} ${alias}${where([`${alias}.rid = d.rid`, ...satisfied])} OFFSET 0`;
  const found =
    source.from === undefined
      ? `SELECT ${selected} FROM ${seen}${where([...satisfied, ...remaining])}`
      : `SELECT r.* FROM ${seen} CROSS JOIN LATERAL (${resource}) r${where(remaining)}`;
  const stretch = `${found} ORDER BY ${order} LIMIT ${limit}`;
  if (room === undefined) return [stretch];
  const more = `SELECT FROM ${inOrder} OFFSET ${room} LIMIT 1`;
  return [stretch, `SELECT ${unfinishedRow(arm)} FROM generate_series(1, ${limit}) WHERE EXISTS (${more})`];
}

const where = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;

/**
 * A row of NULLs: the walk was given up before there were enough rows, and there are more (nobody looks whether there are
 * unless it comes to that). It comes as often as rows are wanted, so that no further stretch is begun.
 */
const unfinishedRow = ({ columns, typed }: Arm): string =>
  Array.from({ length: columns.length + (typed ? 4 : 3) }, () => 'NULL').join(', ');

/** The first rows of these selects, of which each is only run if those before it have too few. */
export function inTurn(selects: readonly string[], limit: string): string {
  if (selects.length === 1) return selects[0]!;
  return `SELECT * FROM (${selects.map((one) => `(${one})`).join(' UNION ALL ')}) s LIMIT ${limit}`;
}
