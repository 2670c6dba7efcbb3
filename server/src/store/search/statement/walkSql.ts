import { afterTie } from '../order/after.ts';
import { orderBy } from '../order/orderTerm.ts';
import type { Walk } from '../plan/plan.ts';
import type { Arm } from './arm.ts';
import { conditionsSql, type Roles } from './conditionsSql.ts';
import type { Source } from './driver.ts';
import { driverOf } from './drivers.ts';
import { ownersWalk } from './ownersWalk.ts';
import { segmentsOf, type Segment } from './segments.ts';
import { inTurn, stretchSql } from './stretches.ts';

/**
 * SQL of the first rows of a page, along a table or index that is in the order of the search. Each stretch of it is
 * limited; PostgreSQL runs them one after the other, and ends when there are enough.
 */
export function walkSql(arm: Arm, { along, guard }: Walk): string {
  if (along === 'row')
    return rowWalk(arm, { rid: `${arm.context.alias}.rid`, where: [], rows: [] }, {}, guard);
  if (along === 'owners') return ownersWalk(arm, guard);
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
