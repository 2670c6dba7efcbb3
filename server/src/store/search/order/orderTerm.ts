/** Name of the column of the resource type, where rows are of several. */
export const TYPE = 'type';

/** One key of an order, as a column of the rows that are ordered. */
export interface OrderTerm {
  /** SQL of the column. */
  column: string;
  /** What a value is cast to that comes as text. */
  sqlType: string;
  descending: boolean;
  /** There are rows without a value. They come last, whatever the direction, unless `nullsFirst`. */
  nullable: boolean;
  nullsFirst?: true;
}

/** SQL of an ORDER BY list; `backwards` is the same order from its other end, in every part. */
export function orderBy(terms: readonly OrderTerm[], ties: readonly string[], backwards: boolean): string {
  const keys = terms.map(({ column, descending, nullable, nullsFirst = false }) => {
    const direction = descending === backwards ? '' : ' DESC';
    return `${column}${direction}${nullable ? (backwards === nullsFirst ? ' NULLS LAST' : ' NULLS FIRST') : ''}`;
  });
  return [...keys, ...ties.map((column) => (backwards ? `${column} DESC` : column))].join(', ');
}
