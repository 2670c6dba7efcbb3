import type { PagePosition } from '../found.ts';
import type { SqlParameters } from '../sqlParameters.ts';
import type { OrderTerm } from './orderTerm.ts';

/** What orders the rows whose sort keys are equal: the type, where there are several, then the row id. */
export interface Tie {
  /** SQL of the row id. */
  rid: string;
  /** The type of all the rows. */
  type: string;
}

/**
 * SQL that holds for the rows after a position in an order (before it, when the position looks backwards): they differ in
 * one key, and agree in those before it.
 */
export function afterSql(
  terms: readonly OrderTerm[],
  tie: Tie,
  position: PagePosition,
  parameters: SqlParameters,
): string {
  let after = afterTie(tie, position, parameters);
  for (let i = terms.length - 1; i >= 0; i--) {
    const term = terms[i]!;
    const value = position.values[i] ?? null;
    const placeholder = value === null ? '' : `${parameters.add(value)}::${term.sqlType}`;
    const equal = value === null ? `${term.column} IS NULL` : `${term.column} = ${placeholder}`;
    const beyond = beyondSql(term, value === null ? undefined : placeholder, position.backwards);
    after = beyond === undefined ? `(${equal} AND ${after})` : `(${beyond} OR (${equal} AND ${after}))`;
  }
  return after;
}

/** Rows whose key is beyond a value; undefined where there can be none. `placeholder` absent: beyond "no value". */
function beyondSql(term: OrderTerm, placeholder: string | undefined, backwards: boolean): string | undefined {
  const { column, descending, nullable, nullsFirst = false } = term;
  const nullsAhead = backwards === nullsFirst;
  if (placeholder === undefined) return nullsAhead ? undefined : `${column} IS NOT NULL`;
  const differs = `${column} ${descending === backwards ? '>' : '<'} ${placeholder}`;
  return nullable && nullsAhead ? `${differs} OR ${column} IS NULL` : differs;
}

/** Among rows whose keys are equal. */
export function afterTie(tie: Tie, position: PagePosition, parameters: SqlParameters): string {
  const { backwards, inclusive, rid } = position;
  if (position.type !== undefined && position.type !== tie.type) {
    return tie.type > position.type === backwards ? 'false' : 'true';
  }
  const operator = `${backwards ? '<' : '>'}${inclusive ? '=' : ''}`;
  return `${tie.rid} ${operator} ${parameters.add(rid)}::bigint`;
}
