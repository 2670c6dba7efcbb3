import type { Period } from '@medplum/fhirtypes';

const DATE_LENGTH = 10;

/**
 * Is a price or an insurance in force at a time? Bounds are included. Days are compared as they are written, in the
 * zone of whoever wrote them; instants as instants.
 *
 * @param time date or dateTime
 */
export function covers(period: Period | undefined, time: string): boolean {
  const { start, end } = period ?? {};
  return (start === undefined || compare(start, time) <= 0) && (end === undefined || compare(time, end) <= 0);
}

/** By the coarser one's precision: `2026-01` equals all of January. */
function compare(a: string, b: string): number {
  if (a.length > DATE_LENGTH && b.length > DATE_LENGTH) return Date.parse(a) - Date.parse(b);
  const length = Math.min(a.length, b.length, DATE_LENGTH);
  const [x, y] = [a.slice(0, length), b.slice(0, length)];
  return x < y ? -1 : x > y ? 1 : 0;
}
