/**
 * Points in time as milliseconds since 1970 (UTC), printed in the clinic's zone. The clinic stands in Arizona,
 * which knows no daylight saving time, so the offset is one constant.
 */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Offset of the clinic's zone from UTC. */
const ZONE_OFFSET_MS = -7 * HOUR_MS;
const ZONE_SUFFIX = '-07:00';

/** The moment at which the day `YYYY-MM-DD` begins at the clinic. */
export function startOfDay(date: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(midnight)) {
    throw new RangeError(`${date} is not a date of the form YYYY-MM-DD`);
  }
  return midnight - ZONE_OFFSET_MS;
}

/** FHIR instant/dateTime with the zone of the clinic, e.g. `2026-03-02T09:15:00-07:00`. */
export function instant(atMs: number): string {
  return new Date(atMs + ZONE_OFFSET_MS).toISOString().slice(0, 19) + ZONE_SUFFIX;
}

/** The clinic's date of a moment, `YYYY-MM-DD`. */
export function day(atMs: number): string {
  return new Date(atMs + ZONE_OFFSET_MS).toISOString().slice(0, 10);
}

/** Year and month of a moment, `YYYY-MM`: a date of reduced precision. */
export function month(atMs: number): string {
  return day(atMs).slice(0, 7);
}

/** Hour of the day at the clinic, 0 to 23. */
export function hourOf(atMs: number): number {
  return new Date(atMs + ZONE_OFFSET_MS).getUTCHours();
}

/** The same hour of the day on the next weekday, or `atMs` itself when it is one. */
export function onWeekday(atMs: number): number {
  const weekday = new Date(atMs + ZONE_OFFSET_MS).getUTCDay();
  if (weekday === 6) return atMs + 2 * DAY_MS;
  return weekday === 0 ? atMs + DAY_MS : atMs;
}

/** A quarter of an hour of a working day on or after the day of `atMs`. `slot` 0 is 08:00, 31 is 15:45. */
export function workingHour(atMs: number, slot: number): number {
  return onWeekday(startOfDay(day(atMs)) + 8 * HOUR_MS + slot * 15 * MINUTE_MS);
}

/** Completed years between two moments. */
export function yearsBetween(fromMs: number, toMs: number): number {
  const from = day(fromMs);
  const to = day(toMs);
  const years = Number(to.slice(0, 4)) - Number(from.slice(0, 4));
  return to.slice(5) < from.slice(5) ? years - 1 : years;
}
