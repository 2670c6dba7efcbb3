import { afterSql } from '../order/after.ts';
import { orderBy, type OrderTerm } from '../order/orderTerm.ts';
import type { SortColumn } from '../order/sortColumns.ts';
import type { Find } from '../plan/plan.ts';
import { keyName, rowColumns, type Arm } from './arm.ts';
import { conditionsSql } from './conditionsSql.ts';

/**
 * SQL of the first rows of a page, of all that match: gathered, then sorted. OFFSET 0 keeps the planner from walking along
 * some index in the hope of meeting matches soon, and the sort keys from being read more than once.
 */
export function findSql(arm: Arm, { by, driving }: Find): string {
  const { context, facts, columns, position, backwards, limit } = arm;
  const { parameters, alias, tables } = context;
  const planned = by === 'planner';
  const conditions = conditionsSql(context, facts.parts, {
    driving: by === 'keys' ? driving : [],
    ...(by === 'patient' ? { patient: driving[0]! } : {}),
    planned,
    joins: planned ? 'set' : 'probe',
  });
  const keys = columns.map(({ sql }) => sql);
  const found = `SELECT ${rowColumns(arm, keys)} FROM ${tables.resource} ${alias} WHERE ${conditions} OFFSET 0`;
  const terms = orderTerms(columns);
  const tie = { rid: 'rid', type: context.type };
  const after = position === undefined ? '' : ` WHERE ${afterSql(terms, tie, position, parameters)}`;
  return `SELECT * FROM (${found}) f${after} ORDER BY ${orderBy(terms, ['rid'], backwards)} LIMIT ${limit}`;
}

/** The order of an arm's rows, by the names of its columns. */
export function orderTerms(columns: readonly SortColumn[]): OrderTerm[] {
  return columns.map(({ sqlType, descending, nullable }, i) => ({
    column: keyName(i),
    sqlType,
    descending,
    nullable,
  }));
}
