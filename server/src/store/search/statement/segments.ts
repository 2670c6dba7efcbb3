import type { PagePosition } from '../found.ts';
import { afterTie } from '../order/after.ts';
import { orderBy, type OrderTerm } from '../order/orderTerm.ts';
import type { SqlParameters } from '../sqlParameters.ts';

/** A stretch of a walk; all of its rows come before those of the next stretch. */
export interface Segment {
  /** Whether its rows have a value. */
  of: 'values' | 'nulls';
  where: string[];
  order: string;
  /** The order without the row ids that break ties; absent: all keys are equal, or there are none. */
  keyOrder?: string;
}

/** SQL of the row id, where there is a value and where there is none. */
export interface SegmentRids {
  values: string;
  nulls: string;
  /**
   * The key, where the rows without a value are in an index on (key DESC, row id): PostgreSQL does not see that rows with
   * NULL there are in the order of the row ids.
   */
  nullsWithin?: string;
}

/**
 * The stretches of an order by one key after a position (before it, when it looks backwards): each is one range of an index
 * on (key, row id), so that a page deep down costs what the first one does, whatever the number of equal keys.
 */
export function segmentsOf(
  term: OrderTerm,
  rids: SegmentRids,
  type: string,
  position: PagePosition | undefined,
  parameters: SqlParameters,
): Segment[] {
  const { column, nullable, descending, sqlType } = term;
  const backwards = position?.backwards ?? false;
  const inOrder = (ties: string[]): string => orderBy([{ ...term, nullable: false }], ties, backwards);
  const values: Segment = { of: 'values', where: [], order: inOrder([rids.values]), keyOrder: inOrder([]) };
  const within = rids.nullsWithin === undefined ? '' : `${rids.nullsWithin}${backwards ? '' : ' DESC'}, `;
  const nulls: Segment = { of: 'nulls', where: [], order: within + orderBy([], [rids.nulls], backwards) };
  if (position === undefined) return nullable ? [values, nulls] : [values];
  const value = position.values[0] ?? null;
  if (value === null) {
    const rest: Segment = { ...nulls, where: [afterTie({ rid: rids.nulls, type }, position, parameters)] };
    return backwards ? [rest, values] : [rest];
  }
  const placeholder = `${parameters.add(value)}::${sqlType}`;
  const equal: Segment = {
    of: 'values',
    where: [`${column} = ${placeholder}`, afterTie({ rid: rids.values, type }, position, parameters)],
    order: orderBy([], [rids.values], backwards),
  };
  const beyond: Segment = {
    ...values,
    where: [`${column} ${descending === backwards ? '>' : '<'} ${placeholder}`],
  };
  return nullable && !backwards ? [equal, beyond, nulls] : [equal, beyond];
}
