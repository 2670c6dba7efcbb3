import { QUANTITY_COLUMNS } from '../../index/mainQuantity.ts';
import type { QuantityBounds } from '../plan/quantityBounds.ts';
import type { SqlParameters } from '../sqlParameters.ts';

/**
 * A row `d` of the ordered table may lead to what has a quantity within one of the bounds. NaN, which PostgreSQL holds for
 * greater than any number, says nothing about it.
 */
export function quantitySql(bounds: readonly QuantityBounds[], parameters: SqlParameters): string {
  const alternatives = bounds.map(({ of, from, to }) => {
    const column = `d.${QUANTITY_COLUMNS[of]}`;
    const least = from === -Infinity ? [] : [`${column} >= ${parameters.add(from)}::real`];
    if (to === Infinity) return least.join('');
    const within = [...least, `${column} <= ${parameters.add(to)}::real`].join(' AND ');
    return `(${within} OR ${column} = 'NaN'::real)`;
  });
  return alternatives.length === 1 ? alternatives[0]! : `(${alternatives.join(' OR ')})`;
}
