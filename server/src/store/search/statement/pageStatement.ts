import { PAGE_BYTES_MAX, pageSql } from '../../pageBytes.ts';
import { TYPE, orderBy } from '../order/orderTerm.ts';
import { keyName, type Arm } from './arm.ts';
import { findSql, orderTerms } from './findSql.ts';
import { walkSql } from './walkSql.ts';

/** SQL of one page. */
export interface PageSql {
  /** Leaves out the contents that are longer than a page has room for when all are as long: its parameter `bytes`. */
  text: string;
  /**
   * The same for when some were left out: the page ends early rather than hold more than its parameter `bytes`. Adding up
   * the sizes costs as much as finding the rows, and is hardly ever needed.
   */
  boundedText: string;
  /** Both statements' values, apart from the number of bytes; where that stands among them. */
  bytesAt: number;
  /**
   * Whether it has but one sensible plan, whatever the values: then that is kept. Otherwise the statement is planned for
   * its values each time.
   */
  isFixed: boolean;
  /** Whether a resource may come twice; then the statement is to be made anew (Arm.eachOnce). */
  mayRepeat: boolean;
}

/** Name of a row's column with the text of a sort key: what a position holds. */
export const positionName = (i: number): string => `p${i + 1}`;

/**
 * SQL of the rows of a page, one more than it has, in the order of the search or, backwards, in the reversed order. The rows
 * of a walk come in the order in which they are met: nothing is done at the same time (`fixed-search` of session.ts).
 */
export function pageStatement(arms: readonly Arm[]): PageSql {
  const [first] = arms as readonly [Arm, ...Arm[]];
  const { columns, backwards, limit, context, typed } = first;
  const keys = columns.map((_, i) => `${keyName(i)}::text AS ${positionName(i)}`);
  const selected = [...(typed ? [TYPE] : []), 'rid, id', ...keys].join(', ');
  const order = orderBy(orderTerms(columns), typed ? [TYPE, 'rid'] : ['rid'], backwards);
  const rows =
    arms.length === 1
      ? armSql(first)
      : `SELECT * FROM (${arms.map((arm) => `(${armSql(arm)})`).join(' UNION ALL ')}) a ORDER BY ${order} LIMIT ${limit}`;
  const bytes = context.parameters.add(PAGE_BYTES_MAX);
  return {
    text: `SELECT ${selected}, CASE WHEN octet_length(content) <= ${bytes} THEN content END AS content FROM (${rows}) r`,
    boundedText: pageSql(rows, selected, order, bytes),
    bytesAt: context.parameters.values.length - 1,
    isFixed: arms.every(isFixed),
    mayRepeat: arms.some(mayRepeat),
  };
}

function armSql(arm: Arm): string {
  const { shape } = arm.plan;
  return shape.kind === 'walk' ? walkSql(arm, shape) : findSql(arm, shape);
}

const mayRepeat = ({ plan: { shape }, position, eachOnce }: Arm): boolean =>
  shape.kind === 'walk' && shape.along === 'prefix' && position === undefined && !eachOnce;

/** A walk always goes the same way. A find does where one index is all that it may use. */
function isFixed({ plan, facts }: Arm): boolean {
  if (plan.shape.kind === 'walk') return true;
  return plan.shape.by !== 'planner' && facts.parts.every(({ probes }) => probes === 0);
}
