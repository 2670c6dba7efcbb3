import { afterSql } from '../order/after.ts';
import { orderBy, type OrderTerm } from '../order/orderTerm.ts';
import type { SortColumn } from '../order/sortColumns.ts';
import type { Find } from '../plan/plan.ts';
import { keyName, rowColumns, type Arm } from './arm.ts';
import { mainDateBoundsSql } from './boundsSql.ts';
import { conditionsSql } from './conditionsSql.ts';
import { changes } from './drivers.ts';

/**
 * SQL of the first rows of a page, of all that match: gathered, then sorted. OFFSET 0 keeps the planner from walking along
 * some index in the hope of meeting matches soon, and the sort keys from being read more than once.
 */
export function findSql(arm: Arm, find: Find): string {
  const { context, columns, position, backwards, limit } = arm;
  const found = foundSql(arm, find);
  const terms = orderTerms(columns);
  const tie = { rid: 'rid', type: context.type };
  const after = position === undefined ? '' : ` WHERE ${afterSql(terms, tie, position, context.parameters)}`;
  return `SELECT * FROM (${found}) f${after} ORDER BY ${orderBy(terms, ['rid'], backwards)} LIMIT ${limit}`;
}

/** All that match. */
function foundSql(arm: Arm, { by, driving }: Find): string {
  const { context, facts, columns } = arm;
  const { alias, tables } = context;
  const planned = by === 'planner';
  const conditions = conditionsSql(context, facts.parts, {
    driving: by === 'keys' ? driving : [],
    ...(by === 'ids' ? { ids: driving[0]! } : {}),
    ...(by === 'patient' ? { patient: driving[0]! } : {}),
    ...(by === 'owners' ? { owners: driving[0]! } : {}),
    planned,
    joins: planned ? 'set' : 'probe',
  });
  const keys = columns.map(({ sql }) => sql);
  const rows = (...where: string[]) =>
    `SELECT ${rowColumns(arm, keys)} FROM ${tables.resource} ${alias} WHERE ${where.join(' AND ')} OFFSET 0`;
  if (by === 'main-date') {
    return rows(...mainDateBoundsSql(context, facts, `${alias}.date_lo`), conditions);
  }
  if (by !== 'last-updated') return rows(conditions);
  const { values } = changes(arm);
  return `SELECT r.* FROM ${values.from} CROSS JOIN LATERAL (${rows(`${alias}.rid = ${values.rid}`, ...values.rows, conditions)}) r WHERE ${[...values.where, ...values.leads].join(' AND ')} OFFSET 0`;
}

/** The order of an arm's rows, by the names of its columns. */
export function orderTerms(columns: readonly SortColumn[]): OrderTerm[] {
  return columns.map(({ sqlType, descending, nullable, nullsFirst }, i) => ({
    column: keyName(i),
    sqlType,
    descending,
    nullable,
    ...(nullsFirst && { nullsFirst }),
  }));
}
