/**
 * The search parameter whose quantity stands beside the code in a type's ordered table, so that `code-value-quantity` and
 * `code=...&value-quantity=...` look only at resources that can match. Each selects at most one value.
 */
export const MAIN_QUANTITY: Readonly<Record<string, string>> = { Observation: 'value-quantity' };

/**
 * A resource's main quantity in the precision of the ordered table (24 bits): as it is written and in UCUM base units. NaN
 * where a search must look at the resource itself: there is none, or it is no single number.
 */
export interface MainQuantity {
  written: number;
  base: number;
}

export const NO_MAIN_QUANTITY: MainQuantity = { written: NaN, base: NaN };

/** The columns that hold it. */
export const QUANTITY_COLUMNS = { written: 'quantity', base: 'base_quantity' } as const;
