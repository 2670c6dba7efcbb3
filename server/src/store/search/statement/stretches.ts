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
  const row = source.from === undefined ? alias : 'd';
  const inBounds = `${from}${where(bounds)}`;
  const tiedOrder = source.tied ? segment.keyOrder : undefined;
  const seen =
    room === undefined
      ? from
      : `(SELECT ${row}.* FROM ${inBounds} ${firstRows(room, order, tiedOrder)}) ${row}`;
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
  const more = `SELECT FROM ${inBounds} ORDER BY ${tiedOrder ?? order} OFFSET ${room} LIMIT 1`;
  return [stretch, `SELECT ${unfinishedRow(arm)} FROM generate_series(1, ${limit}) WHERE EXISTS (${more})`];
}

/**
 * With a guard, only so many rows are seen by what follows, and they are within the bounds. Sorting all of them by what breaks ties would take
 * longer than all else: where the index does not have it, the last come with those of the same key instead, and what is left is sorted.
 */
const firstRows = (room: string, order: string, tiedOrder: string | undefined): string =>
  tiedOrder === undefined
    ? `ORDER BY ${order} LIMIT ${room}`
    : `ORDER BY ${tiedOrder} FETCH FIRST (${room}) ROWS WITH TIES`;

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
