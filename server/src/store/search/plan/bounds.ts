import type { Comparison } from '../../../fhir/search/ast.ts';

/** From when to when, milliseconds since 1970 UTC, both included; ±Infinity where open. */
export interface Bounds {
  from: number;
  to: number;
}

export const UNBOUNDED: Bounds = { from: -Infinity, to: Infinity };

/** What follows for the beginning of a period that satisfies one of the comparisons. */
export function mainDateBounds(comparisons: readonly Comparison[]): Bounds {
  return hull(comparisons.map(beginning));
}

/** From when on a period ends that satisfies one of the comparisons. */
export function mainDateEnd(comparisons: readonly Comparison[]): number {
  return Math.min(...comparisons.map(ending));
}

/** What follows for a moment that satisfies one of the comparisons. */
export function instantBounds(comparisons: readonly Comparison[]): Bounds {
  return hull(comparisons.map(moment));
}

/** What satisfies both. */
export function both(a: Bounds, b: Bounds): Bounds {
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}

function beginning({ prefix, lo, hi }: Comparison): Bounds {
  switch (prefix) {
    case 'eq':
      return { from: lo, to: hi };
    case 'lt':
    case 'eb':
      return { from: -Infinity, to: lo };
    case 'le':
      return { from: -Infinity, to: hi };
    case 'sa':
      return { from: hi, to: Infinity };
    default:
      // A period that ends later may have begun at any time.
      return UNBOUNDED;
  }
}

function ending({ prefix, lo, hi }: Comparison): number {
  if (prefix === 'eq' || prefix === 'ge') return lo;
  return prefix === 'gt' || prefix === 'sa' ? hi : -Infinity;
}

function moment(comparison: Comparison): Bounds {
  const { prefix, lo, hi } = comparison;
  if (prefix === 'ge') return { from: lo, to: Infinity };
  if (prefix === 'gt') return { from: hi, to: Infinity };
  return beginning(comparison);
}

function hull(parts: readonly Bounds[]): Bounds {
  return parts.reduce((all, one) => ({ from: Math.min(all.from, one.from), to: Math.max(all.to, one.to) }), {
    from: Infinity,
    to: -Infinity,
  });
}
