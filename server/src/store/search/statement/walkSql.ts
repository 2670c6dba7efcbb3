import { afterTie } from '../order/after.ts';
import { orderBy } from '../order/orderTerm.ts';
import type { Walk } from '../plan/plan.ts';
import { rowColumns, type Arm } from './arm.ts';
import { conditionsSql, type Roles } from './conditionsSql.ts';
import type { Source } from './driver.ts';
import { driverOf } from './drivers.ts';
import { segmentsOf, type Segment } from './segments.ts';

/**
 * SQL of the first rows of a page, along a table or index that is in the order of the search. Each stretch of it is
 * limited; PostgreSQL runs them one after the other, and ends when there are enough.
 */
export function walkSql(arm: Arm, { along, guard }: Walk): string {
  if (along === 'row')
    return rowWalk(arm, { rid: `${arm.context.alias}.rid`, where: [], rows: [] }, {}, guard);
  const { context, columns, position, limit, facts } = arm;
  const driver = driverOf(arm, along);
  const conditions = conditionsSql(context, facts.parts, {
    driving: [],
    planned: false,
    joins: 'probe',
    ...driver.roles,
  });
  const term = {
    column: driver.key,
    sqlType: driver.sqlType,
    descending: columns[0]!.descending,
    nullable: driver.nulls !== undefined,
  };
  const rids = {
    values: driver.values.rid,
    nulls: driver.nulls?.rid ?? driver.values.rid,
    ...(driver.nulls?.within === undefined ? {} : { nullsWithin: driver.nulls.within }),
  };
  const room = guard === undefined ? undefined : `${context.parameters.add(guard)}::bigint`;
  const stretches = segmentsOf(term, rids, context.type, position, context.parameters).flatMap((segment) => {
    const source = segment.of === 'values' ? driver.values : driver.nulls!;
    return stretchSql(arm, { source, segment, conditions, room });
  });
  return inTurn(stretches, limit);
}

interface Stretch {
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
function stretchSql(arm: Arm, { source, segment, conditions, room }: Stretch): string[] {
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
  const remaining = room === undefined ? bounds : [];
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
function inTurn(selects: readonly string[], limit: string): string {
  if (selects.length === 1) return selects[0]!;
  return `SELECT * FROM (${selects.map((one) => `(${one})`).join(' UNION ALL ')}) s LIMIT ${limit}`;
}

/** Without an order of its own, a search is in the order in which the resources were made. */
function rowWalk(arm: Arm, source: Source, roles: Pick<Roles, 'done'>, guard: number | undefined): string {
  const { context, facts, position, backwards, limit } = arm;
  const { parameters, type } = context;
  const { rid } = source;
  const conditions = conditionsSql(context, facts.parts, {
    driving: [],
    planned: false,
    joins: 'probe',
    ...roles,
  });
  const after = position === undefined ? [] : [afterTie({ rid, type }, position, parameters)];
  const segment: Segment = { of: 'values', where: after, order: orderBy([], [rid], backwards) };
  const room = guard === undefined ? undefined : `${parameters.add(guard)}::bigint`;
  return inTurn(stretchSql(arm, { source, segment, conditions, room }), limit);
}
