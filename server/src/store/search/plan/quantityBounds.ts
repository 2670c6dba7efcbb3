import type { IndexQuery, IndexTerm } from '../../index/query.ts';
import type { MainQuantity } from '../../index/mainQuantity.ts';
import type { Key } from '../../index/rows.ts';
import type { SpanTest } from '../../index/spanTest.ts';

/** From where to where a resource's main quantity lies, both included, in the precision of the ordered table. */
export interface QuantityBounds {
  of: keyof MainQuantity;
  /** ±Infinity where open. */
  from: number;
  to: number;
}

/**
 * What follows for the main quantity of what satisfies one of the terms: it is within one of the bounds. Undefined where
 * nothing follows.
 */
export function quantityBounds(
  index: IndexQuery,
  type: string,
  terms: readonly IndexTerm[],
): QuantityBounds[] | undefined {
  const params = index.mainQuantity(type);
  return params.written.length === 0 ? undefined : ofAny(params, terms);
}

type Params = ReturnType<IndexQuery['mainQuantity']>;

function ofAny(params: Params, terms: readonly IndexTerm[]): QuantityBounds[] | undefined {
  const found: QuantityBounds[] = [];
  for (const term of terms) {
    const bounds = ofTerm(params, term);
    if (bounds === undefined) return undefined;
    found.push(...bounds);
  }
  return found.length === 0 ? undefined : found;
}

function ofTerm(params: Params, term: IndexTerm): QuantityBounds[] | undefined {
  if (term.kind === 'any') return ofAny(params, term.terms);
  if (term.kind === 'all')
    return term.terms.map((one) => ofTerm(params, one)).find((one) => one !== undefined);
  if (term.kind !== 'range') return undefined;
  const isOf = (keys: readonly Key[]) => term.params.every((param) => keys.includes(param));
  const of = isOf(params.written) ? 'written' : isOf(params.base) ? 'base' : undefined;
  const [from, to] = within(term.test);
  if (of === undefined || (from === -Infinity && to === Infinity)) return undefined;
  // Rounding keeps the order of two numbers, but may make them equal.
  return [{ of, from: Math.fround(from), to: Math.fround(to) }];
}

/** Between what a number lies that satisfies the test. */
function within({ prefix, lo, hi, above, below, tolerance }: SpanTest): [number, number] {
  const down = (value: number) => value - Math.abs(value) * tolerance;
  const up = (value: number) => value + Math.abs(value) * tolerance;
  switch (prefix) {
    case 'eq':
    case 'ap':
      return [down(lo), up(hi)];
    case 'gt':
    case 'ge':
    case 'sa':
      return [down(above), Infinity];
    case 'lt':
    case 'le':
    case 'eb':
      return [-Infinity, up(below)];
    case 'ne':
      return [-Infinity, Infinity];
  }
}
