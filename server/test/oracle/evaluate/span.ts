import { compareDecimals, type Decimal } from './decimal.ts';

/** An end of a span: where it is, and whether it belongs to the span. */
export interface End {
  at: Decimal | 'lowest' | 'highest';
  included: boolean;
}

/** A range of numbers, or of moments in milliseconds since 1970 UTC. */
export interface Span {
  low: End;
  high: End;
}

export const LOWEST: End = { at: 'lowest', included: false };
export const HIGHEST: End = { at: 'highest', included: false };

export const including = (at: Decimal): End => ({ at, included: true });
export const excluding = (at: Decimal): End => ({ at, included: false });
export const point = (at: Decimal): Span => ({ low: including(at), high: including(at) });

/** Every member of `inner` is one of `outer`. */
export function contains(outer: Span, inner: Span): boolean {
  const low = compareAt(outer.low, inner.low);
  const high = compareAt(outer.high, inner.high);
  const lowHolds = low < 0 || (low === 0 && (outer.low.included || !inner.low.included));
  const highHolds = high > 0 || (high === 0 && (outer.high.included || !inner.high.included));
  return lowHolds && highHolds;
}

/** Some member of one is one of the other. */
export function overlaps(a: Span, b: Span): boolean {
  return meets(a.low, b.high) && meets(b.low, a.high);
}

/** Whether there is something from the low end to the high end. */
function meets(low: End, high: End): boolean {
  const order = compareAt(low, high);
  return order < 0 || (order === 0 && low.included && high.included);
}

/** Below 0 where the first end is lower; whether they are included does not count. */
export function compareAt({ at: a }: End, { at: b }: End): number {
  if (a === b) return 0;
  if (a === 'lowest' || b === 'highest') return -1;
  if (b === 'lowest' || a === 'highest') return 1;
  return compareDecimals(a, b);
}
